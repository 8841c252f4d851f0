/* A ternary matrix: entries of zero and of plus or minus one magnitude, in one bit each and one more where not zero.
 * docs/arithmetic.md says how it lies in flash. */
#ifndef WW_TERNARY_H
#define WW_TERNARY_H

#include <stdint.h>

#include "ww_fixed.h"
#include "ww_model.h"

/* The next row times x, as the same entries in int8 would give it. `bit` and `sign` count, over the whole matrix, the
 * entries and those that are not zero; both move on to the row after. */
static inline int32_t ww_ternary_row(const ww_matrix *matrix, uint32_t *bit, uint32_t *sign, const int16_t *x)
{
    const uint8_t *negative = (const uint8_t *)matrix->values;
    int32_t sum = 0;
    int col;
    for (col = 0; col < matrix->cols; col++)
        if (ww_bit(matrix->bitmap, (*bit)++))
            sum += ww_bit(negative, (*sign)++) ? -(int32_t)x[col] : (int32_t)x[col];
    return sum * matrix->magnitude;
}

#endif
