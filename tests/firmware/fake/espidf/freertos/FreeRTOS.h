/* As much of ESP-IDF 5's freertos/FreeRTOS.h and portmacro.h as the example uses. */
#pragma once
#include <stdint.h>

typedef uint32_t TickType_t;
#define portMAX_DELAY (TickType_t)0xffffffffUL
