/* A PDM microphone: the one on an Arduino Nano 33 BLE Sense, a Nano RP2040 Connect or a XIAO nRF52840 Sense, or one
 * that is wired to a Pico. The core's PDM library makes 16-bit samples of it. */
#ifndef PDM_MICROPHONE_H
#define PDM_MICROPHONE_H

#include "microphone/boards.h"
#include "microphone/ww_blocks.h"

#if !defined(WW_HAS_PDM)
#error "PdmMicrophone does not know this board: read the microphone yourself and give its samples to WakeWord.push()"
#endif

class PdmMicrophoneClass
{
  public:
    static const int BLOCK = WW_BLOCK;

    /* Start sampling the microphone on the board; false if there is none, or if it is in use. */
    bool begin();

#if defined(WW_ARDUINO_PICO)
    /* Start sampling a microphone at these pins. */
    bool begin(int clock, int data);
#endif

    /* BLOCK samples, valid until the next call; null if the next block is not complete. */
    const int16_t *read();

    /* Let the processor sleep until its next interrupt, unless a block is complete. For a loop() that has no samples. */
    void sleep();

    /* Samples lost so far because read() was called too late. */
    uint32_t lost() const;
};

extern PdmMicrophoneClass PdmMicrophone;

#endif
