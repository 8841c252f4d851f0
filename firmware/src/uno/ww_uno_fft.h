/* A real FFT of 256 points as a complex one of 128, radix 2, in int16; featurizer/uno.py is the reference. */
#ifndef WW_UNO_FFT_H
#define WW_UNO_FFT_H

#include <stdint.h>

#include "ww_uno_tables.h"

#define WW_UNO_POINTS (WW_UNO_FFT_SIZE / 2)

/* The power of a bin takes the place of its point. */
typedef union {
    struct {
        int16_t re, im;
    } point;
    uint32_t power;
} ww_uno_bin;

/* In place, from bit-reversed to natural order, and halved in each of the seven stages. A frame within int16 under the
 * Hann window can't overflow. */
void ww_uno_fft(ww_uno_bin bins[WW_UNO_POINTS]);

/* In place: points, of a real signal whose even and odd samples went in as re and im, become the power of bins 1 to
 * 127, all of them together below 2^30. Bin 0 is left as it is. */
void ww_uno_fft_powers(ww_uno_bin bins[WW_UNO_POINTS]);

#endif
