/* A ternary matrix: entries of zero and of plus or minus one magnitude. It stores one bit for each entry, and one
 * more if it is not zero (docs/arithmetic.md). */
#ifndef WW_TERNARY_H
#define WW_TERNARY_H

#include <stdint.h>

#include "ww_fixed.h"
#include "ww_model.h"

/* Multiplies a row, given by its bitmap, with x. `sign` is the index of the row's first sign in the matrix, and becomes
 * that of the next row. */
static inline int32_t ww_ternary_row(const ww_matrix *matrix, const uint8_t *bitmap, uint32_t *sign, const int16_t *x)
{
    const uint8_t *negative = (const uint8_t *)matrix->values;
    int32_t sum = 0;
    uint32_t col;
    for (col = 0; col < matrix->cols; col++)
        if (ww_bit(bitmap, col))
            sum += ww_bit(negative, (*sign)++) ? -(int32_t)x[col] : (int32_t)x[col];
    return sum * matrix->form;
}

#endif
