/* The rows of a dense matrix that are stored in blocks of four, times a vector. */
#ifndef WW_BLOCK_H
#define WW_BLOCK_H

#include <stdint.h>

#include "ww_matrix.h"

/* Computes the next blocks of four rows of a product, in the Q-format of the result. A word holds a column of four rows
 * as unsigned bytes, the first row in the lowest. */
void ww_rows_of_bytes(ww_product *product, int32_t *y, int blocks);

/* The same with entries of four bits, a column in each half of a word. */
void ww_rows_of_nibbles(ww_product *product, int32_t *y, int blocks);

#endif
