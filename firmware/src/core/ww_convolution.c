#include "ww_optimize.h"

#include "ww_convolution.h"

#if WW_MAX_CHANNELS

#include <string.h>

#include "ww_fixed.h"

#define KERNEL WW_DEPTHWISE

/* Returns the frames since the last response. A stride is one frame or two. */
WW_INLINE int frames_waiting(const ww_convolution *convolution, const ww_convolution_state *state)
{
    return state->frames & (convolution->frame_stride - 1);
}

int16_t *ww_convolution_place(const ww_convolution *convolution, ww_convolution_state *state)
{
    const int first = convolution->frames - convolution->frame_stride;
    return state->recent + first + frames_waiting(convolution, state);
}

/* Drops the oldest frames, as many as a stride has: moves all numbers on, also the first ones of a band to the end of the
 * band before, where the next frames belong. */
static void drop(const ww_convolution *convolution, ww_convolution_state *state)
{
    const int stride = convolution->frame_stride;
    const size_t kept = (size_t)(WW_MEL_BANDS * convolution->frames - stride);
    memmove(state->recent, state->recent + stride, kept * sizeof *state->recent);
}

/* Adds the products of a column of the depthwise kernel, its weights one of a band after those of another, with the
 * responses at its three positions. */
WW_INLINE int32_t filter(int32_t sum, const int8_t *weight, int band, int16_t low, int16_t middle, int16_t high)
{
    return sum + weight[0] * (int32_t)low + weight[band] * (int32_t)middle + weight[2 * band] * (int32_t)high;
}

/* Adds the products of the middle frame of the depthwise kernel with the responses at its three positions. */
static void accumulate(const ww_convolution *convolution, int16_t response[KERNEL][WW_MAX_CHANNELS], int32_t *sums)
{
    const int channels = convolution->first.rows, band = KERNEL * channels;
    const int8_t *weight = convolution->depthwise + channels;
    int channel;
    for (channel = 0; channel < channels; channel++, weight++)
        sums[channel] = filter(sums[channel], weight, band, response[0][channel], response[1][channel],
                               response[2][channel]);
}

/* Completes the sums of the depthwise convolution with its last frame, computes the outputs of the position, and begins
 * the sums of the next step with its first frame. */
static void mix(const ww_convolution *convolution, const ww_layer *pointwise,
                int16_t response[KERNEL][WW_MAX_CHANNELS], int32_t *sums, int16_t *outputs)
{
    const int channels = convolution->first.rows, band = KERNEL * channels, shift = convolution->depthwise_shift;
    const int8_t *weight = convolution->depthwise;
    const int16_t *bias = convolution->depthwise_bias;
    const int32_t half = ww_half(shift);
    int16_t filtered[WW_MAX_CHANNELS];
    int channel;
    for (channel = 0; channel < channels; channel++, weight++) {
        const int16_t low = response[0][channel], middle = response[1][channel], high = response[2][channel];
        const int32_t sum = filter(sums[channel], weight + 2 * channels, band, low, middle, high);
        filtered[channel] = ww_saturate16(ww_rshift_with(sum, shift, half) + bias[channel]);
        sums[channel] = filter(0, weight, band, low, middle, high);
    }
    ww_layer_apply(pointwise, filtered, outputs);
}

/* Each response counts for one step or two: the second of a step is also the one before the next step. So the sums of
 * the next step begin when those of this one are complete, and no response is kept. */
int ww_convolution_step(const ww_convolution *convolution, ww_convolution_state *state, ww_convolution_scratch *scratch)
{
    const int channels = convolution->first.rows, next = convolution->band_stride * convolution->frames;
    const int16_t *recent = state->recent;
    int16_t response[KERNEL][WW_MAX_CHANNELS];
    int32_t *sums = state->sums;
    ww_layer first, pointwise = {0};
    int position, complete;
    state->frames++;
    if (frames_waiting(convolution, state))
        return 0;
    complete = state->frames > convolution->frame_stride;
    ww_layer_room_reset(&scratch->room);
    first = ww_layer_of(&convolution->first, convolution->first_bias, &scratch->room);
    if (complete)
        pointwise = ww_layer_of(&convolution->pointwise, convolution->pointwise_bias, &scratch->room);
    ww_layer_apply(&first, recent, response[0]);
    for (position = 0; position < convolution->positions; position++, sums += channels) {
        ww_layer_apply_to_two(&first, recent + next, recent + 2 * next, response[1], response[2]);
        recent += 2 * next;
        if (complete)
            mix(convolution, &pointwise, response, sums, scratch->inputs + position * convolution->pointwise.rows);
        else
            accumulate(convolution, response, sums);
        memcpy(response[0], response[2], sizeof response[0]);
    }
    drop(convolution, state);
    if (complete)
        state->frames = 0;
    return complete;
}

#endif
