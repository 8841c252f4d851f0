#include "ww_optimize.h"

#include "ww_featurizer.h"

#include <string.h>

#include "ww_fft.h"
#include "ww_fixed.h"

/* log2 of the scale of the integers: 2 * 16 of the spectrum, 15 of the mel weights, 9 of the FFT size. */
#define SCALE_BITS (2 * 16 + 15 + 9)

void ww_featurizer_reset(ww_featurizer *featurizer)
{
    featurizer->samples[0] = featurizer->samples[1] = 0; /* for the pre-emphasis, a zero precedes the first sample */
    featurizer->count = 2;
}

/* Computes x[n] - 0.97 x[n-1] in Q15, at most 1.97 * 2^30: within int32. */
static inline int32_t emphasised(int16_t sample, int16_t before)
{
    int32_t share = WW_PREEMPHASIS_Q15;
    WW_OPAQUE(share); /* a constant would become eleven shifts and sums on a Cortex-M0+ */
    return sample * (int32_t)WW_ONE_Q15 - share * before;
}

static inline uint32_t magnitude(int32_t value)
{
    return (uint32_t)(value < 0 ? -value : value);
}

/* Returns the two samples behind before[0], pre-emphasised and windowed, as the complex number even + i odd. */
static inline ww_complex windowed(const int16_t *before, int16_t even, int16_t odd)
{
    ww_complex pair;
    pair.re = ww_mul_q15(emphasised(before[1], before[0]), even);
    pair.im = ww_mul_q15(emphasised(before[2], before[1]), odd);
    return pair;
}

/* Loads half a frame, pre-emphasised and under half of the window, in Q15 and in the order of the FFT's input. The
 * direction, 1 or -1, is that of the window. Returns the bits that are set in any magnitude. */
WW_HOT(uint32_t)
load_half(const int16_t *samples, const int16_t *window, int direction, const uint8_t *order, ww_bin *bins)
{
    const uint8_t *end = order + WW_WINDOW / 16;
    uint32_t bits = 0;
    int i;
    for (; order < end; order++) {
        ww_bin *first = bins + *order;
        for (i = 0; i < WW_FFT_POINTS; i += WW_FFT_POINTS / 4) {
            first[i].point = windowed(samples, window[0], window[direction]);
            bits |= magnitude(first[i].point.re) | magnitude(first[i].point.im);
            samples += 2;
            window += 2 * direction;
        }
    }
    return bits;
}

/* Loads a frame, and zeros behind it, into the bins. Returns the bits that are set in any magnitude. */
static uint32_t load_frame(const int16_t *samples, ww_bin *bins)
{
    uint32_t bits = load_half(samples, ww_half_window, 1, ww_digit_reversal, bins);
    int n, i;
    for (n = WW_WINDOW / 2; n < WW_FFT_POINTS; n += 4)
        for (i = ww_digit_reversal[n / 4]; i < WW_FFT_POINTS; i += WW_FFT_POINTS / 4)
            bins[i].power = 0;
    return bits | load_half(samples + WW_WINDOW / 2, ww_half_window + WW_WINDOW / 2 - 1, -1,
                            ww_digit_reversal + WW_WINDOW / 16, bins);
}

static inline int32_t rounded_to_16_bits(int32_t value, int exponent)
{
    int32_t rounded = ww_rshift_some(value, exponent);
    return rounded < INT16_MAX ? rounded : INT16_MAX; /* int16 holds -32768 */
}

/* Shifts all values right by the exponent, rounding, so that they use all of 16 bits. */
static void normalise(ww_bin *bins, int exponent)
{
    const ww_bin *end = bins + WW_FFT_POINTS;
    if (exponent > 0)
        for (; bins < end; bins++) {
            bins->point.re = rounded_to_16_bits(bins->point.re, exponent);
            bins->point.im = rounded_to_16_bits(bins->point.im, exponent);
        }
    else
        for (; bins < end; bins++) {
            bins->point.re = ww_shift(bins->point.re, exponent);
            bins->point.im = ww_shift(bins->point.im, exponent);
        }
}

static int16_t log_energy(uint64_t energy, int exponent)
{
    int32_t feature;
    if (energy == 0)
        return WW_FEATURE_FLOOR;
    feature = ww_rshift(ww_log2_q15(energy) + (2 * exponent - SCALE_BITS) * WW_ONE_Q15, 15 - WW_FEATURE_BITS);
    return (int16_t)(feature > WW_FEATURE_FLOOR ? feature : WW_FEATURE_FLOOR);
}

/* Sums of the powers between the peaks of two neighbouring filters: weighted by the rising filter, and all. */
typedef struct {
    uint64_t rising, total;
} slope;

static slope sum_slope(const ww_bin *bins, int begin, int end)
{
    ww_long_sum rising = {0};
    slope sum = {0, 0};
    int k;
    for (k = begin; k < end; k++) {
        ww_add_product(&rising, bins[k].power, ww_mel_rise[k]);
        sum.total += bins[k].power;
    }
    sum.rising = ww_total(&rising);
    return sum;
}

static void compute_frame(const int16_t *samples, ww_bin *bins, int16_t features[WW_MEL_BANDS])
{
    int exponent = ww_bit_length(load_frame(samples, bins)) - 15;
    uint64_t rising_before;
    int band;
    normalise(bins, exponent);
    ww_fft(bins);
    ww_fft_powers(bins);
    rising_before = sum_slope(bins, 1, ww_mel_edges[1]).rising; /* no filter uses bin 0 */
    for (band = 0; band < WW_MEL_BANDS; band++) {
        slope next = sum_slope(bins, ww_mel_edges[band + 1], ww_mel_edges[band + 2]);
        features[band] = log_energy(rising_before + (next.total * WW_ONE_Q15 - next.rising), exponent);
        rising_before = next.rising;
    }
}

int ww_featurizer_push(ww_featurizer *featurizer, ww_scratch *scratch, const int16_t *samples, uint32_t *count,
                       int16_t features[WW_MEL_BANDS])
{
    uint32_t missing = (uint32_t)(WW_WINDOW + 2 - featurizer->count);
    uint32_t taken = *count < missing ? *count : missing;
    memcpy(featurizer->samples + featurizer->count, samples, taken * sizeof *samples);
    featurizer->count = (uint16_t)(featurizer->count + taken);
    *count = taken;
    if (taken < missing)
        return 0;
    compute_frame(featurizer->samples + 1, scratch->bins, features);
    featurizer->count = WW_WINDOW + 2 - WW_HOP;
    memmove(featurizer->samples, featurizer->samples + WW_HOP, featurizer->count * sizeof *samples);
    return 1;
}
