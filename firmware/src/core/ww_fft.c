#include "ww_fft.h"

#include "ww_fixed.h"

#define QUARTER (WW_FFT_SIZE / 4)

typedef struct {
    int32_t re, im;
} complex32;

/* x times e^(-2 pi i index / 512); the factor one is exact. */
static inline complex32 rotate(complex32 x, int index)
{
    int16_t cosine, sine;
    complex32 y;
    if (index == 0)
        return x;
    cosine = ww_sine[(index + QUARTER) & (WW_FFT_SIZE - 1)];
    sine = ww_sine[index];
    y.re = ww_mul_q15(x.re, cosine) + ww_mul_q15(x.im, sine);
    y.im = ww_mul_q15(x.im, cosine) - ww_mul_q15(x.re, sine);
    return y;
}

static inline complex32 load(const int32_t *re, const int32_t *im, int i)
{
    complex32 x;
    x.re = re[i];
    x.im = im[i];
    return x;
}

static void butterfly(int32_t *re, int32_t *im, int i, int span, int step)
{
    complex32 a = load(re, im, i);
    complex32 b = rotate(load(re, im, i + span), step);
    complex32 c = rotate(load(re, im, i + 2 * span), 2 * step);
    complex32 d = rotate(load(re, im, i + 3 * span), 3 * step);
    int32_t sum_ac_re = a.re + c.re, sum_ac_im = a.im + c.im;
    int32_t diff_ac_re = a.re - c.re, diff_ac_im = a.im - c.im;
    int32_t sum_bd_re = b.re + d.re, sum_bd_im = b.im + d.im;
    int32_t diff_bd_re = b.re - d.re, diff_bd_im = b.im - d.im;
    re[i] = sum_ac_re + sum_bd_re;
    im[i] = sum_ac_im + sum_bd_im;
    re[i + span] = diff_ac_re + diff_bd_im;
    im[i + span] = diff_ac_im - diff_bd_re;
    re[i + 2 * span] = sum_ac_re - sum_bd_re;
    im[i + 2 * span] = sum_ac_im - sum_bd_im;
    re[i + 3 * span] = diff_ac_re - diff_bd_im;
    im[i + 3 * span] = diff_ac_im + diff_bd_re;
}

void ww_fft(int32_t re[WW_FFT_POINTS], int32_t im[WW_FFT_POINTS])
{
    int span, k, i;
    for (span = 1; span < WW_FFT_POINTS; span *= 4)
        for (k = 0; k < span; k++)
            for (i = k; i < WW_FFT_POINTS; i += 4 * span)
                butterfly(re, im, i, span, k * (QUARTER / span));
}

static inline uint64_t square(int32_t x)
{
    return (uint64_t)((int64_t)x * x);
}

uint64_t ww_fft_power(const int32_t re[WW_FFT_POINTS], const int32_t im[WW_FFT_POINTS], int k)
{
    /* Z = FFT of even + i odd samples; 2 X[k] = Z[k] + Z*[N-k] - i W^k (Z[k] - Z*[N-k]). */
    complex32 z = load(re, im, k);
    complex32 mirror = load(re, im, WW_FFT_POINTS - k);
    complex32 odd;
    odd.re = z.re - mirror.re;
    odd.im = z.im + mirror.im;
    odd = rotate(odd, k);
    return square(z.re + mirror.re + odd.im) + square(z.im - mirror.im - odd.re);
}
