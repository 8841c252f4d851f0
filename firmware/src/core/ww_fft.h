/* A real FFT of 512 points, done as a complex FFT of 256 points, radix 4. featurizer/fft.py is the reference. */
#ifndef WW_FFT_H
#define WW_FFT_H

#include <stdint.h>

#include "ww_tables.h"

#define WW_FFT_POINTS (WW_FFT_SIZE / 2)

typedef struct {
    int32_t re, im;
} ww_complex;

/* The power of a bin, 64 bits, replaces its point of two words. */
typedef union {
    ww_complex point;
    uint64_t power;
} ww_bin;

/* Transforms in place, from base-4 digit-reversed order to natural order. Values within int16 can't overflow. */
void ww_fft(ww_bin bins[WW_FFT_POINTS]);

/* Replaces points by four times the power of bins 1 to 255, below 2^51. The input of the FFT was a real signal, its
 * even samples as re, its odd ones as im. Bin 0 stays as it is. */
void ww_fft_powers(ww_bin bins[WW_FFT_POINTS]);

#endif
