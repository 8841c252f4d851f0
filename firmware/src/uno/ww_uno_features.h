/* The Uno's front end: 10-bit samples at 8 kHz to frames of 16 log2 mel energies in Q9, one in each 128 samples (16
 * ms). featurizer/uno.py is the reference, equal bit for bit. docs/uno.md is the specification. */
#ifndef WW_UNO_FEATURES_H
#define WW_UNO_FEATURES_H

#include <stdint.h>

#include "ww_uno_fft.h"

#define WW_UNO_RING 256 /* samples: a byte is their index */
#define WW_UNO_FRAME (WW_UNO_WINDOW + 1)

/* Computes a frame of the previous sample, which is at `first`, and the window's 200 samples. The rest of the ring
 * may be written meanwhile. The bins are working memory; between two calls they can be used for anything else. */
void ww_uno_features(const volatile uint16_t samples[WW_UNO_RING], uint8_t first, ww_uno_bin bins[WW_UNO_POINTS],
                     int16_t features[WW_UNO_MEL_BANDS]);

#endif
