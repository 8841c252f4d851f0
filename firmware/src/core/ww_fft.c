#include "ww_optimize.h"

#include "ww_fft.h"

#include "ww_fixed.h"
#include "ww_rotate.h"

#define QUARTER (WW_FFT_SIZE / 4)

/* A twiddle factor, e^(-2 pi i index / 512). */
typedef struct {
    int16_t cosine, sine;
} twiddle;

static inline twiddle twiddle_of(uint32_t word)
{
    twiddle w;
    w.cosine = ww_low_half(word);
    w.sine = ww_high_half(word);
    return w;
}

static inline ww_complex rotate(ww_complex x, twiddle w)
{
    ww_complex y;
    y.re = ww_mul_add_q15(x.re, w.cosine, x.im, w.sine);
    y.im = ww_mul_sub_q15(x.im, w.cosine, x.re, w.sine);
    return y;
}

static inline ww_complex add(ww_complex a, ww_complex b)
{
    a.re += b.re;
    a.im += b.im;
    return a;
}

static inline ww_complex subtract(ww_complex a, ww_complex b)
{
    a.re -= b.re;
    a.im -= b.im;
    return a;
}

/* Rotates one quarter of each group of four spans, point k by e^(-2 pi i quarter k / (4 span)). k = 0 would be a
 * product by one: it is left out. The butterflies are a separate loop, so that both loops have registers enough. */
WW_INLINE void rotate_quarter(ww_bin *first, int span, int step)
{
#if defined(__GNUC__) && defined(__ARM_ARCH_6M__)
    ww_rotate_quarter(first, span, step);
#else
    int k, i;
    for (k = 1; k < span; k++) {
        twiddle w = twiddle_of(ww_twiddles[k * step]);
        for (i = k; i < WW_FFT_POINTS; i += 4 * span)
            first[i].point = rotate(first[i].point, w);
    }
#endif
}

WW_INLINE void rotate_quarters(ww_bin *bins, int span)
{
    int quarter;
    for (quarter = 1; quarter < 4; quarter++)
        rotate_quarter(bins + quarter * span, span, quarter * (QUARTER / span));
}

/* Computes a radix-4 butterfly of four points, a span apart. */
WW_INLINE void butterfly(ww_bin *at, int span)
{
    ww_complex a = at[0].point, b = at[span].point, c = at[2 * span].point, d = at[3 * span].point;
    ww_complex sum_ac = add(a, c), diff_ac = subtract(a, c);
    ww_complex sum_bd = add(b, d), diff_bd = subtract(b, d);
    ww_complex turned;
    turned.re = diff_bd.im;
    turned.im = -diff_bd.re;
    at[0].point = add(sum_ac, sum_bd);
    at[span].point = add(diff_ac, turned);
    at[2 * span].point = subtract(sum_ac, sum_bd);
    at[3 * span].point = subtract(diff_ac, turned);
}

/* The span is a constant of each call, so every address is at a constant distance from the first. */
WW_INLINE void butterflies(ww_bin *bins, int span)
{
    int group, k;
    for (group = 0; group < WW_FFT_POINTS; group += 4 * span)
        for (k = group; k < group + span; k++)
            butterfly(bins + k, span);
}

void ww_fft(ww_bin bins[WW_FFT_POINTS])
{
    butterflies(bins, 1); /* its twiddles are all one */
    rotate_quarters(bins, 4);
    butterflies(bins, 4);
    rotate_quarters(bins, 16);
    butterflies(bins, 16);
    rotate_quarters(bins, 64);
    butterflies(bins, 64);
}

/* Z = FFT of even + i odd samples; 2 X[k] = Z[k] + Z*[N-k] - i W^k (Z[k] - Z*[N-k]). Bin N-k has the products of bin k,
 * two of them with the other sign. */
static inline void power_pair(ww_bin *low, ww_bin *high, twiddle w)
{
    ww_complex z = low->point, mirror = high->point;
    int32_t sum_re = z.re + mirror.re, diff_re = z.re - mirror.re;
    int32_t sum_im = z.im + mirror.im, diff_im = z.im - mirror.im;
    int32_t odd_re = ww_mul_add_q15(diff_re, w.cosine, sum_im, w.sine);
    int32_t odd_im = ww_mul_sub_q15(sum_im, w.cosine, diff_re, w.sine);
    int32_t mirrored_im = ww_mul_sub_negated_q15(sum_im, w.cosine, diff_re, w.sine);
    low->power = ww_sum_of_squares(sum_re + odd_im, diff_im - odd_re);
    high->power = ww_sum_of_squares(sum_re + mirrored_im, -diff_im - odd_re);
}

void ww_fft_powers(ww_bin bins[WW_FFT_POINTS])
{
    ww_bin *low = bins + 1, *high = bins + WW_FFT_POINTS - 1;
    const uint32_t *w = ww_twiddles + 1;
    WW_OPAQUE(w); /* else the compiler ends the loop by w, and loads that end from flash each time */
    while (low <= high)
        power_pair(low++, high--, twiddle_of(*w++));
}
