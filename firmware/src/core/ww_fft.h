/* A real FFT of 512 points as a complex one of 256, radix 4; featurizer/fft.py is the reference. */
#ifndef WW_FFT_H
#define WW_FFT_H

#include <stdint.h>

#include "ww_tables.h"

#define WW_FFT_POINTS (WW_FFT_SIZE / 2)

/* In place, from base-4 digit-reversed order to natural order. Values within int16 can't overflow. */
void ww_fft(int32_t re[WW_FFT_POINTS], int32_t im[WW_FFT_POINTS]);

/* Four times the power of bin k, 1 <= k < 256, of the real signal whose even and odd samples went in as re and
 * im. Below 2^51. */
uint64_t ww_fft_power(const int32_t re[WW_FFT_POINTS], const int32_t im[WW_FFT_POINTS], int k);

#endif
