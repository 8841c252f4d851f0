/* A matrix of int8 times a vector of int16, some rows at a time. wakeword/model/packing.py has the forms of a
 * matrix. */
#ifndef WW_MATRIX_H
#define WW_MATRIX_H

#include <stdint.h>

#include "ww_model.h"

/* Rows in a call: enough to share its cost. Their sums are in the working memory of a step, which is smaller than that of
 * a frame's FFT, but for an Uno, which has no FFT. */
#if defined(__AVR__)
#define WW_BATCH 4
#else
#define WW_BATCH 128
#endif

/* A product, and the start of its next row. */
typedef struct {
    const ww_matrix *matrix;
    const int16_t *x;
    union { /* in the matrix's layout, by its form */
        const void *layout;
        const uint32_t *block;
        const uint16_t *nibbles;
        const uint8_t *bitmap;
    } at;
    const int8_t *value;
    uint32_t sign, offset;
    int32_t half;
    int left; /* rows that are not computed yet */
} ww_product;

/* Begins a product. x has as many entries as the matrix has columns, and must not change until the last row is
 * computed. */
ww_product ww_product_of(const ww_matrix *matrix, const int16_t *x);

/* Computes the next rows, WW_BATCH or all that are left, in the Q-format of the result. Returns their number. */
int ww_product_rows(ww_product *product, int32_t y[WW_BATCH]);

#endif
