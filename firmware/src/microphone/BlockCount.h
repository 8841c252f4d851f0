/* Counts the blocks of a driver that queues them itself: its interrupt finishes them, the program takes them. What was
 * finished, was not taken and does not wait is lost. */
#ifndef BLOCK_COUNT_H
#define BLOCK_COUNT_H

#include "ww_blocks.h"

class BlockCount
{
  public:
    void reset() { _finished = _taken = 0; }

    /* For the interrupt. */
    void finish() { _finished = _finished + 1; }

    void take() { _taken++; }

    /* Samples lost so far; waiting: tells how many blocks are in the driver's queue. */
    uint32_t lost(uint32_t (*waiting)()) const
    {
        uint32_t finished, lost;
        do { /* again, if the interrupt came between the two numbers */
            finished = _finished;
            lost = finished - _taken - waiting();
        } while (finished != _finished);
        return lost * WW_BLOCK;
    }

  private:
    volatile uint32_t _finished;
    uint32_t _taken;
};

#endif
