/* A matrix of int8 times a vector of int16, some rows at a time; wakeword/model/packing.py says how a matrix lies in flash. */
#ifndef WW_MATRIX_H
#define WW_MATRIX_H

#include <stdint.h>

#include "ww_model.h"

/* Rows computed at a time: what a call costs is shared, and the sums stay small on the stack. */
#if defined(__AVR__)
#define WW_BATCH 4
#else
#define WW_BATCH 16
#endif

/* A product, and where its next row begins. */
typedef struct {
    const ww_matrix *matrix;
    const int16_t *x;
    union { /* of the matrix's layout, by its form */
        const void *layout;
        const uint32_t *block;
        const uint16_t *nibbles;
        const uint8_t *bitmap;
    } at;
    const int8_t *value;
    uint32_t sign, offset;
    int32_t half;
    int left; /* rows */
} ww_product;

/* x has as many entries as the matrix has columns, and must stay as it is until the last row is computed. */
ww_product ww_product_of(const ww_matrix *matrix, const int16_t *x);

/* The next rows, WW_BATCH of them or all that are left, in the Q-format of the result. How many they are; 0 behind the
 * last. */
int ww_product_rows(ww_product *product, int32_t y[WW_BATCH]);

#endif
