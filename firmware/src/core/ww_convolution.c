#include "ww_optimize.h"

#include "ww_convolution.h"

#if WW_MAX_CHANNELS

#include <string.h>

#include "ww_fixed.h"
#include "ww_matrix.h"

#define KERNEL WW_DEPTHWISE

WW_INLINE int16_t relu(int16_t x)
{
    return x > 0 ? x : 0;
}

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

/* Drops the oldest frames, as many as a stride has. */
static void drop(const ww_convolution *convolution, ww_convolution_state *state)
{
    const int frames = convolution->frames, stride = convolution->frame_stride;
    int16_t *band = state->recent;
    int left = WW_MEL_BANDS, i;
    for (; left > 0; left--, band += frames)
        for (i = stride; i < frames; i++)
            band[i - stride] = band[i];
}

/* Computes the response of the first convolution at a position. */
static void respond(const ww_convolution *convolution, const int16_t *recent, int position, int16_t *response)
{
    ww_product product =
        ww_product_of(&convolution->first, recent + position * convolution->band_stride * convolution->frames);
    int32_t sums[WW_BATCH];
    int begin, rows, row;
    for (begin = 0; (rows = ww_product_rows(&product, sums)) > 0; begin += rows)
        for (row = 0; row < rows; row++)
            response[begin + row] = relu(ww_saturate16(sums[row] + convolution->first_bias[begin + row]));
}

/* Adds the products of a frame of the depthwise kernel with the responses at its three positions. */
static void accumulate(const ww_convolution *convolution, int16_t response[KERNEL][WW_MAX_CHANNELS], int frame,
                       int32_t *sums)
{
    const int channels = convolution->first.rows;
    int band, channel;
    for (band = 0; band < KERNEL; band++) {
        const int8_t *weight = convolution->depthwise + (band * KERNEL + frame) * channels;
        for (channel = 0; channel < channels; channel++)
            sums[channel] += weight[channel] * (int32_t)response[band][channel];
    }
}

/* Computes the outputs of a position from the sums of the depthwise convolution. */
static void mix(const ww_convolution *convolution, const int32_t *sums, int16_t *outputs)
{
    const int channels = convolution->first.rows;
    int16_t filtered[WW_MAX_CHANNELS];
    int32_t batch[WW_BATCH];
    ww_product product;
    int channel, begin, rows, row;
    for (channel = 0; channel < channels; channel++)
        filtered[channel] = ww_saturate16(ww_rshift(sums[channel], convolution->depthwise_shift) +
                                          convolution->depthwise_bias[channel]);
    product = ww_product_of(&convolution->pointwise, filtered);
    for (begin = 0; (rows = ww_product_rows(&product, batch)) > 0; begin += rows)
        for (row = 0; row < rows; row++)
            outputs[begin + row] = relu(ww_saturate16(batch[row] + convolution->pointwise_bias[begin + row]));
}

/* Each response counts for one step or two: the second of a step is also the one before the next step. So the sums of
 * the next step begin when those of this one are complete, and no response is kept. */
int ww_convolution_step(const ww_convolution *convolution, ww_convolution_state *state, int16_t inputs[WW_MAX_INPUTS])
{
    const int channels = convolution->first.rows;
    int16_t response[KERNEL][WW_MAX_CHANNELS];
    int32_t *sums = state->sums;
    int position, complete;
    state->frames++;
    if (frames_waiting(convolution, state))
        return 0;
    complete = state->frames > convolution->frame_stride;
    respond(convolution, state->recent, 0, response[0]);
    for (position = 0; position < convolution->positions; position++, sums += channels) {
        respond(convolution, state->recent, 2 * position + 1, response[1]);
        respond(convolution, state->recent, 2 * position + 2, response[2]);
        accumulate(convolution, response, complete ? 2 : 1, sums);
        if (complete) {
            mix(convolution, sums, inputs + position * convolution->pointwise.rows);
            memset(sums, 0, (size_t)channels * sizeof *sums);
            accumulate(convolution, response, 0, sums);
        }
        memcpy(response[0], response[2], sizeof response[0]);
    }
    drop(convolution, state);
    if (complete)
        state->frames = 0;
    return complete;
}

#endif
