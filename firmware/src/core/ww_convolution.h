/* Convolutions in front of the FastGRNN, in integers. wakeword/inference/convolution.py is the reference, equal bit for
 * bit. */
#ifndef WW_CONVOLUTION_H
#define WW_CONVOLUTION_H

#include <stdint.h>

#include "ww_model.h"

#if WW_MAX_CHANNELS

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    int16_t recent[(WW_MEL_BANDS + WW_MAX_PADDING) * WW_MAX_FRAMES]; /* Q12, the last frames of each band side by side */
    int32_t sums[WW_MAX_SUMS]; /* of the depthwise convolution, over the responses so far */
    uint8_t frames;            /* of the step that is not complete */
} ww_convolution_state;

/* Working memory for a step. */
typedef struct {
    int16_t inputs[WW_MAX_INPUTS]; /* of the FastGRNN */
} ww_convolution_scratch;

/* Returns where the next frame belongs, normalized, Q12: its first band, and each band `frames` numbers after the one
 * before. */
int16_t *ww_convolution_place(const ww_convolution *convolution, ww_convolution_state *state);

/* Takes the frame that was written there. The last frame of a step writes the inputs of the FastGRNN and returns 1; the
 * others return 0. row_sums: room for WW_BATCH numbers. */
int ww_convolution_step(const ww_convolution *convolution, ww_convolution_state *state, ww_convolution_scratch *scratch,
                        int32_t *row_sums);

#ifdef __cplusplus
}
#endif

#endif

#endif
