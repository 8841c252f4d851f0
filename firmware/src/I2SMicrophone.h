/* A digital microphone on I2S (INMP441, ICS-43432, SPH0645 and their like): at most 24 bits in slots of 32. The left
 * channel is used. The library's README has the wiring of each board. */
#ifndef I2S_MICROPHONE_H
#define I2S_MICROPHONE_H

#include "microphone/boards.h"
#include "microphone/ww_blocks.h"

#if !defined(WW_HAS_I2S)
#error "I2SMicrophone does not know this board: read the microphone yourself and give its samples to WakeWord.push()"
#endif

/* The pins that begin() uses if it is given none. */
#if defined(WW_SAMD21)
#define WW_I2S_SCK PIN_I2S_SCK /* the chip's; it has no others */
#define WW_I2S_WS PIN_I2S_FS
#define WW_I2S_SD PIN_I2S_SD
#elif defined(WW_ARDUINO_PICO)
#define WW_I2S_SCK 26
#define WW_I2S_WS 27
#define WW_I2S_SD 28
#elif defined(CONFIG_IDF_TARGET_ESP32)
#define WW_I2S_SCK 26
#define WW_I2S_WS 25
#define WW_I2S_SD 33
#else
#define WW_I2S_SCK 4
#define WW_I2S_WS 5
#define WW_I2S_SD 6
#endif

class I2SMicrophoneClass
{
  public:
    static const int BLOCK = WW_BLOCK;

    /* Start sampling with these pins for bit clock, word select and data. False if the bus is in use, or if the board
     * can't have them there: on a Pico, word select is beside the bit clock. */
    bool begin(int sck = WW_I2S_SCK, int ws = WW_I2S_WS, int sd = WW_I2S_SD);

    /* BLOCK samples, valid until the next call; null if the next block is not complete. */
    const int16_t *read();

    /* Let the processor sleep until its next interrupt, unless a block is complete. For a loop() that has no samples. */
    void sleep();

    /* Samples lost so far because read() was called too late. */
    uint32_t lost() const;
};

extern I2SMicrophoneClass I2SMicrophone;

#endif
