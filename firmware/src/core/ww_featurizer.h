/* Streaming log-mel features in integers; featurizer/logmel.py is the reference, equal bit for bit.
 *
 * int16 samples at 16 kHz in; each 160 samples (10 ms), once 400 (25 ms) are there, a frame of 32 log2 energies
 * in Q9 out.
 */
#ifndef WW_FEATURIZER_H
#define WW_FEATURIZER_H

#include <stdint.h>

#include "ww_fft.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    int16_t samples[WW_WINDOW + 2]; /* the window, behind the sample before it and one that makes it begin with a word */
    uint16_t count;                 /* how many of them are there */
} ww_featurizer;

/* The working memory of one frame: the FFT is done in place. It holds nothing between two calls. */
typedef struct {
    ww_bin bins[WW_FFT_POINTS];
} ww_scratch;

void ww_featurizer_reset(ww_featurizer *featurizer);

/* Takes up to *count samples, until a frame is complete; *count becomes the number taken. Returns 1 and fills
 * features when a frame came out, else 0. Call it again with the rest. */
int ww_featurizer_push(ww_featurizer *featurizer, ww_scratch *scratch, const int16_t *samples, uint32_t *count,
                       int16_t features[WW_MEL_BANDS]);

#ifdef __cplusplus
}
#endif

#endif
