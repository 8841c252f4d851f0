/* Streaming log-mel features in integers. featurizer/logmel.py is the reference, equal bit for bit.
 *
 * Samples are int16 at 16 kHz. A frame is 32 log2 energies in Q9: the first after 400 samples (25 ms), then one in each
 * 160 (10 ms).
 */
#ifndef WW_FEATURIZER_H
#define WW_FEATURIZER_H

#include <stdint.h>

#include "ww_fft.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    int16_t samples[WW_WINDOW + 2]; /* padding to a word, the previous sample, the window */
    uint16_t count;                 /* the number of them that are filled */
} ww_featurizer;

/* Working memory for a frame, in which the FFT is done. Between two calls it can be used for anything else. */
typedef struct {
    ww_bin bins[WW_FFT_POINTS];
} ww_scratch;

void ww_featurizer_reset(ww_featurizer *featurizer);

/* Takes up to *count samples, until a frame is complete, and sets *count to the number taken. Call it again with the
 * rest. Returns 1 and fills the features if a frame is complete, else 0. */
int ww_featurizer_push(ww_featurizer *featurizer, ww_scratch *scratch, const int16_t *samples, uint32_t *count,
                       int16_t features[WW_MEL_BANDS]);

#ifdef __cplusplus
}
#endif

#endif
