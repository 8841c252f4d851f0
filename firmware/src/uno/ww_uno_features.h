/* The Uno's front end: 10-bit samples at 8 kHz in, each 128 of them (16 ms) a frame of 16 log2 mel energies in Q9 out.
 * featurizer/uno.py is the reference, equal bit for bit; docs/uno.md is the specification. */
#ifndef WW_UNO_FEATURES_H
#define WW_UNO_FEATURES_H

#include <stdint.h>

#include "ww_uno_fft.h"

#define WW_UNO_RING 256 /* samples: a byte counts them round */
#define WW_UNO_FRAME (WW_UNO_WINDOW + 1)

/* One frame: the window's 200 samples and the one before them, which is at `first`; the ring may be written to
 * elsewhere at the same time. The bins are working memory and hold nothing between two calls. */
void ww_uno_features(const volatile uint16_t samples[WW_UNO_RING], uint8_t first, ww_uno_bin bins[WW_UNO_POINTS],
                     int16_t features[WW_UNO_MEL_BANDS]);

#endif
