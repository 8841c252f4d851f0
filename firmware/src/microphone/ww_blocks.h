/* Blocks of samples from an interrupt, which fills them one after the other, to the program, which reads them.
 *
 * The interrupt only counts up `filled`, the program only `taken`: each is one aligned word, so neither needs to
 * lock the other out. Block i lies in row i % WW_BLOCKS. A program that is late loses whole blocks, and is told.
 */
#ifndef WW_BLOCKS_H
#define WW_BLOCKS_H

#include <stdint.h>

#include "../core/ww_tables.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One that is being filled, one that is read, and one for 10 ms in which the program does something else. */
#define WW_BLOCKS 3
#define WW_BLOCK WW_HOP

typedef struct {
    int16_t samples[WW_BLOCKS][WW_BLOCK];
    volatile uint32_t filled; /* complete blocks so far */
    uint32_t taken;           /* blocks so far that the program took, or lost */
    uint8_t reading;          /* whether the program still reads the last one that it took */
    uint32_t lost;            /* samples that were overwritten before the program had read them */
} ww_blocks;

void ww_blocks_reset(ww_blocks *blocks);

/* For the interrupt: where the block goes that is being filled (ahead = 0), or the one after it (1). */
int16_t *ww_blocks_to_fill(ww_blocks *blocks, uint32_t ahead);

/* For the interrupt: the block that was being filled is complete. */
void ww_blocks_complete(ww_blocks *blocks);

/* For the program: the oldest complete block, which it may use, and change, until it asks for the next; or null. */
int16_t *ww_blocks_take(ww_blocks *blocks);

#ifdef __cplusplus
}
#endif

#endif
