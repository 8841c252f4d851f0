/* Samples that an interrupt, or a task that goes before the program, has in pieces of any length, made into blocks. */
#ifndef SAMPLE_BLOCKS_H
#define SAMPLE_BLOCKS_H

#include "ww_blocks.h"

class SampleBlocks
{
  public:
    void reset()
    {
        ww_blocks_reset(&_blocks);
        _count = 0;
    }

    /* For the interrupt. */
    void put(int16_t sample)
    {
        ww_blocks_to_fill(&_blocks, 0)[_count++] = sample;
        if (_count == WW_BLOCK) {
            ww_blocks_complete(&_blocks);
            _count = 0;
        }
    }

    /* For the interrupt: a slot of I2S, whose upper 16 bits are taken. */
    void putSlot(int32_t slot) { put(static_cast<int16_t>(slot / 65536)); }

    /* For the program: the oldest complete block, its own until the next call; null if there is none. */
    const int16_t *take() { return ww_blocks_take(&_blocks); }

    bool hasOne() const { return ww_blocks_has_one(&_blocks); }

    uint32_t lost() const { return _blocks.lost; }

  private:
    ww_blocks _blocks;
    int _count; /* samples in the block that is being filled */
};

#endif
