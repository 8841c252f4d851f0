/* As much of adafruit/Adafruit_nRF52_Arduino (cores/nRF5/Arduino.h at c84538a with Print.h, Stream.h, delay.h and
 * wiring_digital.h, variants/Seeed_XIAO_nRF52840_Sense/variant.h at 0c9806f) as the library uses. Seeed's core for
 * the XIAO is made from it. */
#ifndef ARDUINO_H
#define ARDUINO_H

#include "../ArduinoFace.h"
#include <unistd.h> /* whose names a core's own headers bring too */

#undef LED_BUILTIN
#define LED_BUILTIN (11)
static const uint8_t A0 = (0);
#define PIN_PDM_PWR (19)
#define PIN_PDM_CLK (20)
#define PIN_PDM_DIN (21)

#include "Adafruit_TinyUSB.h"

#endif
