#include "ww_optimize.h"

#include "ww_matrix.h"

#include "ww_block.h"
#include "ww_dsp.h"
#include "ww_fixed.h"
#include "ww_ternary.h"

/* Added to the entries of blocks, which are unsigned. */
#define BIAS 128
#define NIBBLE_BIAS 8

#if WW_DSP
static inline uint32_t sum_of_eight(uint32_t sum, const int16_t *x)
{
    const uint32_t ones = 0x00010001u, a = ww_pair(x), b = ww_pair(x + 2), c = ww_pair(x + 4), d = ww_pair(x + 6);
    sum = ww_add_products(ww_add_products(sum, a, ones), b, ones);
    return ww_add_products(ww_add_products(sum, c, ones), d, ones);
}
#endif

static int32_t sum_of(const int16_t *x, int cols)
{
    int32_t sum = 0;
#if WW_DSP
    uint32_t pairs = 0;
    for (; cols >= 16; cols -= 16, x += 16)
        pairs = sum_of_eight(sum_of_eight(pairs, x), x + 8);
    if (cols >= 8) {
        pairs = sum_of_eight(pairs, x);
        cols -= 8;
        x += 8;
    }
    sum = (int32_t)pairs;
    for (; cols > 0; cols--)
        sum += *x++;
#else
    if (cols & 1)
        sum = *x++;
    for (; cols >= 2; cols -= 2) {
        sum += *x++;
        sum += *x++;
    }
#endif
    return sum;
}

ww_product ww_product_of(const ww_matrix *matrix, const int16_t *x)
{
    ww_product product;
    product.matrix = matrix;
    product.x = x;
    product.at.layout = matrix->layout;
    product.value = matrix->values;
    product.sign = 0;
    product.half = ww_half(matrix->shift);
    product.offset = (uint32_t)product.half -
                     (uint32_t)sum_of(x, matrix->cols) * (matrix->form == WW_NIBBLES ? NIBBLE_BIAS : BIAS);
    product.left = matrix->rows;
    return product;
}

static int32_t single_row(const int8_t *value, const int16_t *x, int cols)
{
    int32_t sum = 0;
    if (cols & 1)
        sum = *value++ * (int32_t)*x++;
    for (; cols >= 2; cols -= 2) {
        sum += *value++ * (int32_t)*x++;
        sum += *value++ * (int32_t)*x++;
    }
    return sum;
}

static void dense_rows(ww_product *product, int32_t *y, int rows)
{
    const int cols = product->matrix->cols, shift = product->matrix->shift;
    const int blocks = rows / 4;
    if (product->matrix->form == WW_DENSE)
        ww_rows_of_bytes(product, y, blocks);
    else
        ww_rows_of_nibbles(product, y, blocks);
    y += 4 * blocks;
    for (rows -= 4 * blocks; rows > 0; rows--) {
        *y++ = ww_rshift_with(single_row(product->value, product->x, cols), shift, product->half);
        product->value += cols;
    }
}

/* The sparse rows: a value is stored for each mark of the bitmap. */

#if WW_SMALL_CORE
/* Tests every column: finding the next mark would take longer. */
static int32_t sparse_row(ww_product *product, int cols)
{
    const uint8_t *bitmap = product->at.bitmap;
    const int8_t *value = product->value;
    const int16_t *x = product->x;
    int32_t sum = 0;
    for (; cols > 0; cols -= 8, x += 8) {
        const uint32_t marks = *bitmap++;
#define ADD_IF_MARKED(i) \
    if (marks & WW_BIT(i)) \
        sum += *value++ * (int32_t)x[i];
        ADD_IF_MARKED(0)
        ADD_IF_MARKED(1)
        ADD_IF_MARKED(2)
        ADD_IF_MARKED(3)
        ADD_IF_MARKED(4)
        ADD_IF_MARKED(5)
        ADD_IF_MARKED(6)
        ADD_IF_MARKED(7)
    }
    product->at.bitmap = bitmap;
    product->value = value;
    return sum;
}
#else
/* Multiplies the next value with the entry of x at the highest mark, and clears the mark. */
WW_INLINE int32_t take_marked(uint32_t *marks, const int8_t **value, const int16_t *x)
{
    int col = ww_leading_zeros(*marks);
    *marks &= ~WW_TOP_BIT(col);
    return *(*value)++ * (int32_t)x[col];
}

/* Goes from mark to mark. */
static int32_t sparse_row(ww_product *product, int cols)
{
    const uint8_t *bitmap = product->at.bitmap;
    const int8_t *value = product->value;
    const int16_t *x = product->x;
    int32_t sum = 0;
    for (; cols > 0; cols -= 32, bitmap += 4, x += 32) {
        uint32_t marks = ww_first_bits(ww_word(bitmap), cols);
        while (marks) { /* unrolled: a taken jump costs more than one that is not */
            sum += take_marked(&marks, &value, x);
            if (!marks)
                break;
            sum += take_marked(&marks, &value, x);
            if (!marks)
                break;
            sum += take_marked(&marks, &value, x);
            if (!marks)
                break;
            sum += take_marked(&marks, &value, x);
        }
    }
    product->at.bitmap += ww_bytes_of_bits(product->matrix->cols);
    product->value = value;
    return sum;
}
#endif

static void sparse_rows(ww_product *product, int32_t *y, int rows)
{
    const int cols = product->matrix->cols, shift = product->matrix->shift;
    for (; rows > 0; rows--)
        *y++ = ww_rshift_with(sparse_row(product, cols), shift, product->half);
}

static void ternary_rows(ww_product *product, int32_t *y, int rows)
{
    const ww_matrix *matrix = product->matrix;
    for (; rows > 0; rows--) {
        *y++ = ww_rshift(ww_ternary_row(matrix, product->at.bitmap, &product->sign, product->x), matrix->shift);
        product->at.bitmap += ww_bytes_of_bits(matrix->cols);
    }
}

int ww_product_rows(ww_product *product, int32_t y[WW_BATCH])
{
    int rows = product->left < WW_BATCH ? product->left : WW_BATCH;
    product->left -= rows;
    if (product->matrix->form == WW_DENSE || product->matrix->form == WW_NIBBLES)
        dense_rows(product, y, rows);
    else if (product->matrix->form == WW_SPARSE)
        sparse_rows(product, y, rows);
    else
        ternary_rows(product, y, rows);
    return rows;
}
