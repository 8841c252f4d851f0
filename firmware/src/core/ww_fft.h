/* A real FFT of 512 points as a complex one of 256, radix 4; featurizer/fft.py is the reference. */
#ifndef WW_FFT_H
#define WW_FFT_H

#include <stdint.h>

#include "ww_tables.h"

#define WW_FFT_POINTS (WW_FFT_SIZE / 2)

typedef struct {
    int32_t re, im;
} ww_complex;

/* The power of a bin takes the place of its point: the two words of a 64-bit number. */
typedef union {
    ww_complex point;
    uint64_t power;
} ww_bin;

/* In place, from base-4 digit-reversed order to natural order. Values within int16 can't overflow. */
void ww_fft(ww_bin bins[WW_FFT_POINTS]);

/* In place: points, of a real signal whose even and odd samples went in as re and im, become four times the power of
 * bins 1 to 255; below 2^51. Bin 0 is left as it is. */
void ww_fft_powers(ww_bin bins[WW_FFT_POINTS]);

#endif
