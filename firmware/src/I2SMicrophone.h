/* A digital microphone on I2S (INMP441, ICS-43432 and their like) at an MKR1000: 24 bits in slots of 32. The left
 * channel is used. */
#ifndef I2S_MICROPHONE_H
#define I2S_MICROPHONE_H

#include <Arduino.h>

#include "microphone/ww_blocks.h"

class I2SMicrophoneClass
{
  public:
    static const int BLOCK = WW_BLOCK;

    /* Start sampling; false if the bus is in use. */
    bool begin();

    /* BLOCK samples, valid until the next call; null if the next block is not complete. */
    const int16_t *read() { return ww_blocks_take(&_blocks); }

    /* Samples lost so far because read() was called too late. */
    uint32_t lost() const { return _blocks.lost; }

    /* For the interrupt: stereo frames as they came. */
    void receive(const int32_t *frames, int count);

  private:
    ww_blocks _blocks;
    int _count; /* samples in the block that is being filled */
};

extern I2SMicrophoneClass I2SMicrophone;

#endif
