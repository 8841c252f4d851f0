#include "ww_blocks.h"

#include <string.h>

void ww_blocks_reset(ww_blocks *blocks)
{
    memset(blocks, 0, sizeof *blocks);
}

int16_t *ww_blocks_to_fill(ww_blocks *blocks, uint32_t ahead)
{
    return blocks->samples[(blocks->filled + ahead) % WW_BLOCKS];
}

void ww_blocks_complete(ww_blocks *blocks)
{
    blocks->filled++;
}

int16_t *ww_blocks_take(ww_blocks *blocks)
{
    uint32_t filled = blocks->filled;
    uint32_t oldest = filled - (WW_BLOCKS - 1); /* the block before it is being overwritten */
    uint32_t begin = blocks->taken - blocks->reading; /* a block that is overwritten while it is read is lost */
    blocks->reading = 0;
    if (filled - begin >= WW_BLOCKS) {
        blocks->lost += (oldest - begin) * WW_BLOCK;
        blocks->taken = oldest;
    }
    if (blocks->taken == filled)
        return 0;
    blocks->reading = 1;
    return blocks->samples[blocks->taken++ % WW_BLOCKS];
}

int ww_blocks_has_one(const ww_blocks *blocks)
{
    return blocks->taken != blocks->filled;
}
