/* Four rows of a dense matrix times a vector. The file is separate so that the loop has all registers, and no compiler
 * inlines it. */
#ifndef WW_BLOCK_H
#define WW_BLOCK_H

#include <stdint.h>

/* Computes four sums, modulo 2^32, of at least one column. A word of `entries` holds a column of four rows as
 * unsigned bytes, the first row in the lowest. The words are multiplied whole, which saves taking the bytes apart:
 * so each sum but the last contains the sums of the rows behind its own, times 256, 65536... */
void ww_sum_block(const uint32_t *entries, const int16_t *x, int cols, uint32_t sums[4]);

/* The same with entries of four bits, the first row in the lowest: the sums of the rows behind come times 16, 256,
 * 4096. */
void ww_sum_nibbles(const uint16_t *entries, const int16_t *x, int cols, uint32_t sums[4]);

#endif
