/* Four rows of a dense matrix times a vector. In a file of its own: the loop has all registers, and no compiler looks
 * through it. */
#ifndef WW_BLOCK_H
#define WW_BLOCK_H

#include <stdint.h>

/* A word of `entries` holds a column of four rows, the first row's in its lowest byte, unsigned. The sums, modulo 2^32:
 * each but the last has in it the sums of the rows behind its own, 256, 65536... times. Leaving them there saves taking
 * the bytes apart. At least one column. */
void ww_sum_block(const uint32_t *entries, const int16_t *x, int cols, uint32_t sums[4]);

/* The same of entries of four bits, the first row's in the lowest: the sums behind its own are in each 16, 256, 4096
 * times. */
void ww_sum_nibbles(const uint16_t *entries, const int16_t *x, int cols, uint32_t sums[4]);

#endif
