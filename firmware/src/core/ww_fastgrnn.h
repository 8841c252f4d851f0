/* FastGRNN in integers: int8 weights, int16 state; wakeword/inference/fastgrnn.py is the reference, equal bit for bit. */
#ifndef WW_FASTGRNN_H
#define WW_FASTGRNN_H

#include <stdint.h>

#include "ww_model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    int16_t hidden[WW_MAX_HIDDEN];              /* Q12 */
    int16_t input[WW_MEL_BANDS * WW_MAX_FRAMES_PER_STEP]; /* frames that wait for the others of their step, Q12 */
    uint8_t frames;                             /* how many these are */
    int32_t evidence[WW_MAX_LABELS];            /* averages of the logits, Q18 */
} ww_fastgrnn;

void ww_fastgrnn_reset(ww_fastgrnn *state);

/* One frame: features in log2 Q9 in. With the last frame of a step the hidden state moves on, and posteriors of all
 * labels come out in Q15; between steps the caller's posteriors stay as they are. */
void ww_fastgrnn_step(const ww_model *model, ww_fastgrnn *state, const int16_t features[WW_MEL_BANDS],
                      int16_t *posteriors);

#ifdef __cplusplus
}
#endif

#endif
