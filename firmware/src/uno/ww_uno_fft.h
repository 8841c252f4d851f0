/* A real FFT of 256 points, done as a complex FFT of 128 points, radix 2, in int16. featurizer/uno.py is the
 * reference. */
#ifndef WW_UNO_FFT_H
#define WW_UNO_FFT_H

#include <stdint.h>

#include "ww_uno_tables.h"

#define WW_UNO_POINTS (WW_UNO_FFT_SIZE / 2)

/* The power of a bin replaces its point. */
typedef union {
    struct {
        int16_t re, im;
    } point;
    uint32_t power;
} ww_uno_bin;

/* Transforms in place, from bit-reversed to natural order, and halves in each of the seven stages. A frame within int16
 * under the Hann window can't overflow. */
void ww_uno_fft(ww_uno_bin bins[WW_UNO_POINTS]);

/* Replaces points by the power of bins 1 to 127, in sum below 2^30. The input of the FFT was a real signal, its even
 * samples as re, its odd ones as im. Bin 0 stays as it is. */
void ww_uno_fft_powers(ww_uno_bin bins[WW_UNO_POINTS]);

#endif
