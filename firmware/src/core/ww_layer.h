/* A layer of a convolution: a matrix times a vector at each of many places, plus a bias, and a ReLU. */
#ifndef WW_LAYER_H
#define WW_LAYER_H

#include <stdint.h>

#include "ww_dsp.h"
#include "ww_model.h"

/* Room for the entries of a step's matrices, unpacked to 16 bits, so that each place finds them in pairs for the DSP
 * instructions. As large as leaves the working memory of a step within that of the front end. */
typedef struct {
#if WW_DSP
    uint32_t pairs[376];
    uint16_t taken;
#else
    uint8_t unused;
#endif
} ww_layer_room;

typedef struct {
    const ww_matrix *matrix;
    const int16_t *bias;
#if WW_DSP
    const uint32_t *pairs; /* or null, if the matrix is computed as it is stored */
#endif
} ww_layer;

void ww_layer_room_reset(ww_layer_room *room);

/* Prepares a layer, which is valid until the room is reset. */
ww_layer ww_layer_of(const ww_matrix *matrix, const int16_t *bias, ww_layer_room *room);

/* Computes y, as many numbers as the matrix has rows. */
void ww_layer_apply(const ww_layer *layer, const int16_t *x, int16_t *y);

/* The same at two places of one array, with outputs at two places of another. */
void ww_layer_apply_to_two(const ww_layer *layer, const int16_t *x, const int16_t *second, int16_t *y,
                           int16_t *y_second);

#endif
