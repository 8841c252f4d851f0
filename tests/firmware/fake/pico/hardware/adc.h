/* As much of the Pico SDK 2.1 (src/rp2_common/hardware_adc/include/hardware/adc.h) as the library uses. */
#pragma once

typedef unsigned int uint;

extern "C" void adc_gpio_init(uint gpio);
