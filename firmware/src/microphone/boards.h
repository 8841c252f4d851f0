/* Which family of cores a sketch is compiled for, and so which microphones the library knows there. */
#ifndef WW_BOARDS_H
#define WW_BOARDS_H

#include <Arduino.h>

/* Arduino-Pico, for the Pico, the Pico 2 and their like. Arduino's own core for the Nano RP2040 Connect is of the mbed
 * family, and names the chip too. */
#if defined(ARDUINO_ARCH_RP2040) && !defined(ARDUINO_ARCH_MBED)
#define WW_ARDUINO_PICO
#endif

/* A PDM microphone on the board, or wired to a Pico. */
#if defined(WW_ARDUINO_PICO)
#define WW_HAS_PDM
#elif defined(PIN_PDM_DIN) && (defined(ARDUINO_ARCH_MBED) || defined(ARDUINO_NRF52_ADAFRUIT))
#define WW_HAS_PDM
#endif

#endif
