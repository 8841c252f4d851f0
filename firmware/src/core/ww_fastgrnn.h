/* FastGRNN in integers: int8 weights, int16 state; wakeword/fastgrnn_q.py is the reference, equal bit for bit. */
#ifndef WW_FASTGRNN_H
#define WW_FASTGRNN_H

#include <stdint.h>

#include "ww_model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    int16_t hidden[WW_MAX_HIDDEN]; /* Q12 */
} ww_fastgrnn;

void ww_fastgrnn_reset(ww_fastgrnn *state);

/* One frame: features in log2 Q9 in, the hidden state moves on, posteriors of all labels in Q15 out. */
void ww_fastgrnn_step(const ww_model *model, ww_fastgrnn *state, const int16_t features[WW_MEL_BANDS],
                      int16_t *posteriors);

#ifdef __cplusplus
}
#endif

#endif
