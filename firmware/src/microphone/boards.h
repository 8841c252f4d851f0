/* Which family of cores a sketch is compiled for, and so which microphones the library knows there. */
#ifndef WW_BOARDS_H
#define WW_BOARDS_H

#include <Arduino.h>

/* Arduino-Pico, for the Pico, the Pico 2 and their like. Arduino's own core for the Nano RP2040 Connect is of the mbed
 * family, and names the chip too. */
#if defined(ARDUINO_ARCH_RP2040) && !defined(ARDUINO_ARCH_MBED)
#define WW_ARDUINO_PICO
#endif

/* Boards with a SAMD21: the MKR1000 and its like. The same core's SAMD51 has another processor and other registers. */
#if defined(ARDUINO_ARCH_SAMD) && defined(__ARM_ARCH_6M__)
#define WW_SAMD21
#endif

/* A converter that AnalogMicrophone drives, or the core's driver for it. */
#if defined(ARDUINO_ARCH_SAM) || defined(WW_SAMD21) || defined(WW_ARDUINO_PICO)
#define WW_HAS_ANALOG
#endif

/* An I2S bus for which the core has a driver. */
#if defined(WW_SAMD21) || defined(WW_ARDUINO_PICO) || defined(ARDUINO_ARCH_ESP32)
#define WW_HAS_I2S
#endif

/* A PDM microphone on the board, or wired to a Pico. */
#if defined(WW_ARDUINO_PICO)
#define WW_HAS_PDM
#elif defined(PIN_PDM_DIN) && (defined(ARDUINO_ARCH_MBED) || defined(ARDUINO_NRF52_ADAFRUIT))
#define WW_HAS_PDM
#endif

#endif
