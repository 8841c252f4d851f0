/* A queue of blocks of samples, from an interrupt to the program.
 *
 * Only the interrupt increments `filled`, only the program `taken`. Each is one aligned word, so no lock is needed.
 * Block i is in row i % WW_BLOCKS. A program that is late loses whole blocks, which `lost` counts.
 */
#ifndef WW_BLOCKS_H
#define WW_BLOCKS_H

#include <stdint.h>

#include "../core/ww_tables.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One is being filled, one is being read, and the others give the program 10 ms each for something else. An ESP32's
 * driver gives several at once. */
#if defined(ARDUINO_ARCH_ESP32)
#define WW_BLOCKS 8
#else
#define WW_BLOCKS 3
#endif
#define WW_BLOCK WW_HOP

typedef struct {
    int16_t samples[WW_BLOCKS][WW_BLOCK];
    volatile uint32_t filled; /* complete blocks so far */
    uint32_t taken;           /* blocks so far that the program took or lost */
    uint8_t reading;          /* whether the program still reads the last one */
    uint32_t lost;            /* samples that were overwritten before they were read */
} ww_blocks;

void ww_blocks_reset(ww_blocks *blocks);

/* For the interrupt: the block that is being filled (ahead = 0), or the one after it (1). */
int16_t *ww_blocks_to_fill(ww_blocks *blocks, uint32_t ahead);

/* For the interrupt: marks the block that was being filled as complete. */
void ww_blocks_complete(ww_blocks *blocks);

/* For the program: returns the oldest complete block, or null. The block is the program's until the next call. */
int16_t *ww_blocks_take(ww_blocks *blocks);

/* For the program: whether ww_blocks_take() would return a block. */
int ww_blocks_has_one(const ww_blocks *blocks);

#ifdef __cplusplus
}
#endif

#endif
