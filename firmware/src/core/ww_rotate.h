/* The FFT's rotations for a Cortex-M0+, by hand and in RAM; ww_fft.c has them in C for any other processor. */
#ifndef WW_ROTATE_H
#define WW_ROTATE_H

#include "ww_fft.h"

/* Points 1 to span - 1 behind `first`, and those that follow them by four spans each, k by ww_twiddles[k step]. */
#if defined(__GNUC__) && defined(__ARM_ARCH_6M__)
void ww_rotate_quarter(ww_bin *first, int span, int step) __attribute__((long_call));
#endif

#endif
