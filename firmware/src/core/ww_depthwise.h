/* The depthwise convolution: each channel's responses times a kernel of three bands and three frames. */
#ifndef WW_DEPTHWISE_H
#define WW_DEPTHWISE_H

#include <stdint.h>

#include "ww_model.h"

#if WW_MAX_CHANNELS

/* The responses of a frame at the kernel's three bands, a number for each channel. */
typedef struct {
    const int16_t *low, *middle, *high;
} ww_responses;

/* Adds the products with the kernel's middle frame to the channels' sums. */
void ww_depthwise_continue(const ww_convolution *convolution, const ww_responses *at, int32_t *sums);

/* Adds the products with the last frame, writes the outputs, and begins the next sums with the products of the first
 * frame: the last response of a step is also the one before the next step, so no response is kept. */
void ww_depthwise_finish(const ww_convolution *convolution, const ww_responses *at, int32_t *sums, int16_t *outputs);

#endif

#endif
