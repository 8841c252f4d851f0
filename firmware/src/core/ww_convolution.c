#include "ww_optimize.h"

#include "ww_convolution.h"

#if WW_MAX_CHANNELS

#include <string.h>

#include "ww_depthwise.h"
#include "ww_layer.h"

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

int ww_convolution_step(const ww_convolution *convolution, ww_convolution_state *state, ww_convolution_scratch *scratch,
                        int32_t *row_sums)
{
    const ww_layer first = {&convolution->first, convolution->first_bias, row_sums};
    const ww_layer pointwise = {&convolution->pointwise, convolution->pointwise_bias, row_sums};
    const int channels = convolution->first.rows, outputs = convolution->pointwise.rows;
    const int next = convolution->band_stride * convolution->frames, positions = convolution->positions;
    const int16_t *recent = state->recent;
    int16_t responses[WW_DEPTHWISE][WW_MAX_CHANNELS], filtered[2][WW_MAX_CHANNELS];
    int16_t *low = responses[0], *middle = responses[1], *high = responses[2], *swapped, *inputs = scratch->inputs;
    int32_t *sums = state->sums;
    int position, complete;
    state->frames++;
    if (frames_waiting(convolution, state))
        return 0;
    complete = state->frames > convolution->frame_stride;
    ww_layer_apply(&first, recent, low);
    for (position = 0; position < positions; position++, sums += channels) {
        const ww_responses at = {low, middle, high};
        const int odd = position & 1;
        ww_layer_apply_to_two(&first, recent + next, recent + 2 * next, middle, high);
        recent += 2 * next;
        if (!complete) {
            ww_depthwise_continue(convolution, &at, sums);
        } else {
            ww_depthwise_finish(convolution, &at, sums, filtered[odd]);
            if (odd) /* two positions at once */
                ww_layer_apply_to_two(&pointwise, filtered[0], filtered[1], inputs - outputs, inputs);
            else if (position == positions - 1)
                ww_layer_apply(&pointwise, filtered[0], inputs);
            inputs += outputs;
        }
        swapped = low; /* the highest band is the lowest one of the next position */
        low = high;
        high = swapped;
    }
    drop(convolution, state);
    if (complete)
        state->frames = 0;
    return complete;
}

#endif
