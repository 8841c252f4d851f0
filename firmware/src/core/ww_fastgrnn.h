/* FastGRNN in integers: int8 weights, int16 state. wakeword/inference/fastgrnn.py is the reference, equal bit for
 * bit. */
#ifndef WW_FASTGRNN_H
#define WW_FASTGRNN_H

#include <stdint.h>

#include "ww_convolution.h"
#include "ww_matrix.h"
#include "ww_model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    int16_t hidden[WW_MAX_HIDDEN];              /* Q12 */
    int32_t evidence[WW_MAX_LABELS];            /* leaky averages of the logits, Q18 */
    union {
        struct {
            int16_t input[WW_MEL_BANDS * WW_MAX_FRAMES_PER_STEP]; /* frames of a step that is not complete, Q12 */
            uint8_t frames;                                       /* the number of these */
        } plain; /* of a model without convolutions */
#if WW_MAX_CHANNELS
        ww_convolution_state convolution;
#endif
    } before; /* what comes before the cell */
} ww_fastgrnn;

/* Working memory for a step. Between two calls it can be used for anything else. */
typedef struct {
    int16_t from_input[WW_MAX_RANK], from_state[WW_MAX_RANK]; /* rank vectors */
    int32_t sums[WW_BATCH], further_sums[WW_BATCH];           /* of products' rows */
#if WW_MAX_CHANNELS
    ww_convolution_scratch convolution;
#endif
} ww_fastgrnn_scratch;

void ww_fastgrnn_reset(ww_fastgrnn *state);

/* Takes one frame of features, log2 Q9. The last frame of a step updates the hidden state and the posteriors of all
 * labels, Q15; the others leave the posteriors as they are. */
void ww_fastgrnn_step(const ww_model *model, ww_fastgrnn *state, ww_fastgrnn_scratch *scratch,
                      const int16_t features[WW_MEL_BANDS], int16_t *posteriors);

#ifdef __cplusplus
}
#endif

#endif
