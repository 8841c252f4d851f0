/* A layer of a convolution: a matrix times a vector at each of many places, plus a bias, and a ReLU. */
#ifndef WW_LAYER_H
#define WW_LAYER_H

#include <stdint.h>

#include "ww_model.h"

typedef struct {
    const ww_matrix *matrix;
    const int16_t *bias;
    int32_t *sums; /* room for WW_BATCH numbers */
} ww_layer;

/* Computes y, as many numbers as the matrix has rows. */
void ww_layer_apply(const ww_layer *layer, const int16_t *x, int16_t *y);

/* The same at two places of one array, with outputs at two places of another. In assembly it is faster than twice
 * the first if the second place is 8 or 16 numbers behind the first. */
void ww_layer_apply_to_two(const ww_layer *layer, const int16_t *x, const int16_t *second, int16_t *y,
                           int16_t *y_second);

#endif
