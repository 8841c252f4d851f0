/* The FFT's rotations in assembly for a Cortex-M0+, in RAM. ww_fft.c has them in C for other processors. */
#ifndef WW_ROTATE_H
#define WW_ROTATE_H

#include "ww_fft.h"

/* Rotates points 1 to span - 1 behind `first`, and those each four spans further: point k by ww_twiddles[k step]. */
#if defined(__GNUC__) && defined(__ARM_ARCH_6M__)
void ww_rotate_quarter(ww_bin *first, int span, int step) __attribute__((long_call));
#endif

#endif
