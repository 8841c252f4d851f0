/* A ternary matrix: entries of zero and of plus or minus one magnitude, in one bit each and one more where not zero.
 * docs/arithmetic.md says how it lies in flash. */
#ifndef WW_TERNARY_H
#define WW_TERNARY_H

#include <stdint.h>

#include "ww_fixed.h"
#include "ww_model.h"

/* A row, whose bitmap is given, times x, as the same entries in int8 would give it. `sign` counts, over the whole
 * matrix, the entries that are not zero, and moves on to those of the row after. */
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
