#include "../core/ww_optimize.h"

#include "ww_uno_fft.h"

#include "ww_uno_fixed.h"

#define QUARTER (WW_UNO_FFT_SIZE / 4)

/* The first two stages, whose twiddles are one and -i. */
static void first_stages(ww_uno_bin *bins)
{
    ww_uno_bin *at;
    for (at = bins; at < bins + WW_UNO_POINTS; at += 4) {
        int16_t sum_re = ww_uno_half_sum(at[0].point.re, at[1].point.re);
        int16_t sum_im = ww_uno_half_sum(at[0].point.im, at[1].point.im);
        int16_t difference_re = ww_uno_half_difference(at[0].point.re, at[1].point.re);
        int16_t difference_im = ww_uno_half_difference(at[0].point.im, at[1].point.im);
        int16_t next_sum_re = ww_uno_half_sum(at[2].point.re, at[3].point.re);
        int16_t next_sum_im = ww_uno_half_sum(at[2].point.im, at[3].point.im);
        int16_t next_difference_re = ww_uno_half_difference(at[2].point.re, at[3].point.re);
        int16_t next_difference_im = ww_uno_half_difference(at[2].point.im, at[3].point.im);
        at[0].point.re = ww_uno_half_sum(sum_re, next_sum_re);
        at[0].point.im = ww_uno_half_sum(sum_im, next_sum_im);
        at[1].point.re = ww_uno_half_sum(difference_re, next_difference_im);
        at[1].point.im = ww_uno_half_difference(difference_im, next_difference_re);
        at[2].point.re = ww_uno_half_difference(sum_re, next_sum_re);
        at[2].point.im = ww_uno_half_difference(sum_im, next_sum_im);
        at[3].point.re = ww_uno_half_difference(difference_re, next_difference_im);
        at[3].point.im = ww_uno_half_sum(difference_im, next_difference_re);
    }
}

/* Replaces a and b by half of the sum and half of the difference of a and b e^(-i angle), each rounded once. */
WW_INLINE void butterfly(ww_uno_bin *a, ww_uno_bin *b, int16_t cosine, int16_t sine)
{
    int16_t re = b->point.re, im = b->point.im;
    int32_t turned = ww_uno_mul_add(ww_uno_mul(re, cosine), im, sine);
    int32_t other = ww_uno_in_q15(a->point.re);
    a->point.re = ww_uno_upper_half(other + turned);
    b->point.re = ww_uno_upper_half(other - turned);
    turned = ww_uno_mul_sub(ww_uno_mul(im, cosine), re, sine);
    other = ww_uno_in_q15(a->point.im);
    a->point.im = ww_uno_upper_half(other + turned);
    b->point.im = ww_uno_upper_half(other - turned);
}

static void stage(ww_uno_bin *bins, uint8_t half)
{
    const uint8_t step = (uint8_t)(WW_UNO_POINTS / half);
    const WW_FLASH int16_t *twiddle = ww_uno_sine;
    uint8_t k;
    for (k = 0; k < half; k++) {
        const int16_t cosine = twiddle[QUARTER], sine = twiddle[0];
        ww_uno_bin *at;
        for (at = bins + k; at < bins + WW_UNO_POINTS; at += 2 * half)
            butterfly(at, at + half, cosine, sine);
        twiddle += step;
    }
}

void ww_uno_fft(ww_uno_bin bins[WW_UNO_POINTS])
{
    uint8_t half;
    first_stages(bins);
    for (half = 4; half < WW_UNO_POINTS; half = (uint8_t)(2 * half))
        stage(bins, half);
}

/* Halves the real and the imaginary part of a doubled bin; returns the sum of their squares. */
static uint32_t power_of(int32_t twice_re, int32_t twice_im)
{
    int16_t re = ww_uno_upper_half(twice_re), im = ww_uno_upper_half(twice_im);
    return (uint32_t)ww_uno_mul_add(ww_uno_mul(re, re), im, im);
}

/* Z = FFT of even + i odd samples; 2 X[k] = Z[k] + Z*[N-k] - i W^k (Z[k] - Z*[N-k]), and bin N-k has the same terms. */
static void power_pair(ww_uno_bin *low, ww_uno_bin *high, int16_t cosine, int16_t sine)
{
    int16_t difference_re = (int16_t)(low->point.re - high->point.re);
    int16_t difference_im = (int16_t)(low->point.im + high->point.im);
    int32_t odd_re = ww_uno_mul_add(ww_uno_mul(difference_re, cosine), difference_im, sine);
    int32_t odd_im = ww_uno_mul_sub(ww_uno_mul(difference_im, cosine), difference_re, sine);
    int32_t sum_re = ww_uno_in_q15((int16_t)(low->point.re + high->point.re));
    int32_t sum_im = ww_uno_in_q15((int16_t)(low->point.im - high->point.im));
    high->power = power_of(sum_re - odd_im, sum_im + odd_re);
    low->power = power_of(sum_re + odd_im, sum_im - odd_re);
}

void ww_uno_fft_powers(ww_uno_bin bins[WW_UNO_POINTS])
{
    uint8_t k;
    for (k = 1; k <= WW_UNO_POINTS / 2; k++)
        power_pair(&bins[k], &bins[WW_UNO_POINTS - k], ww_uno_sine[k + QUARTER], ww_uno_sine[k]);
}
