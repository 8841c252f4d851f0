#include "ww_featurizer.h"

#include <string.h>

#include "ww_fft.h"
#include "ww_fixed.h"

/* log2 of the scale that the integers carry: 2 * 16 of the spectrum, 15 of the mel weights, 9 of the FFT size. */
#define SCALE_BITS (2 * 16 + 15 + 9)

void ww_featurizer_reset(ww_featurizer *featurizer)
{
    featurizer->samples[0] = 0; /* pre-emphasis takes the sample before the first one as zero */
    featurizer->count = 1;
}

/* x[n] - 0.97 x[n-1] in Q15; n counts from the first sample of the window. At most 1.97 * 2^30: within int32. */
static inline int32_t emphasised(const int16_t *samples, int n)
{
    return samples[n + 1] * (int32_t)WW_ONE_Q15 - WW_PREEMPHASIS_Q15 * (int32_t)samples[n];
}

/* Pre-emphasised and under the Hann window, Q15. */
static inline int32_t windowed(const int16_t *samples, int n)
{
    return ww_mul_q15(emphasised(samples, n), ww_half_window[n < WW_WINDOW / 2 ? n : WW_WINDOW - 1 - n]);
}

static inline int32_t louder(int32_t loudest, int32_t value)
{
    int32_t magnitude = value < 0 ? -value : value;
    return magnitude > loudest ? magnitude : loudest;
}

/* The windowed frame as complex numbers, even + i odd samples, in the order that the FFT takes, all shifted right
 * by the returned exponent, rounding, so that they fill 16 bits. */
static int load_frame(const int16_t *samples, ww_scratch *scratch)
{
    int32_t loudest = 0;
    int exponent, n;
    memset(scratch, 0, sizeof *scratch);
    for (n = 0; n < WW_WINDOW / 2; n++) {
        int to = ww_digit_reversal[n];
        scratch->re[to] = windowed(samples, 2 * n);
        scratch->im[to] = windowed(samples, 2 * n + 1);
        loudest = louder(louder(loudest, scratch->re[to]), scratch->im[to]);
    }
    exponent = ww_bit_length((uint32_t)loudest) - 15;
    for (n = 0; n < WW_FFT_POINTS; n++) {
        scratch->re[n] = ww_saturate16(ww_shift(scratch->re[n], exponent));
        scratch->im[n] = ww_saturate16(ww_shift(scratch->im[n], exponent));
    }
    return exponent;
}

static int16_t log_energy(uint64_t energy, int exponent)
{
    int32_t feature;
    if (energy == 0)
        return WW_FEATURE_FLOOR;
    feature = ww_rshift(ww_log2_q15(energy) + (2 * exponent - SCALE_BITS) * WW_ONE_Q15, 15 - WW_FEATURE_BITS);
    return (int16_t)(feature > WW_FEATURE_FLOOR ? feature : WW_FEATURE_FLOOR);
}

static void compute_frame(const int16_t *samples, ww_scratch *scratch, int16_t features[WW_MEL_BANDS])
{
    int exponent = load_frame(samples, scratch);
    uint64_t rising_before = 0; /* the rising half of the filter whose peak is this segment's beginning */
    int segment;
    ww_fft(scratch->re, scratch->im);
    for (segment = 0; segment <= WW_MEL_BANDS; segment++) {
        uint64_t rising = 0, total = 0;
        int k;
        for (k = ww_mel_edges[segment] ? ww_mel_edges[segment] : 1; k < ww_mel_edges[segment + 1]; k++) {
            uint64_t power = ww_fft_power(scratch->re, scratch->im, k);
            rising += power * ww_mel_rise[k];
            total += power;
        }
        if (segment > 0)
            features[segment - 1] = log_energy(rising_before + (total * WW_ONE_Q15 - rising), exponent);
        rising_before = rising;
    }
}

int ww_featurizer_push(ww_featurizer *featurizer, ww_scratch *scratch, const int16_t *samples, uint32_t *count,
                       int16_t features[WW_MEL_BANDS])
{
    uint32_t missing = (uint32_t)(WW_WINDOW + 1 - featurizer->count);
    uint32_t taken = *count < missing ? *count : missing;
    memcpy(featurizer->samples + featurizer->count, samples, taken * sizeof *samples);
    featurizer->count = (uint16_t)(featurizer->count + taken);
    *count = taken;
    if (taken < missing)
        return 0;
    compute_frame(featurizer->samples, scratch, features);
    featurizer->count = WW_WINDOW + 1 - WW_HOP;
    memmove(featurizer->samples, featurizer->samples + WW_HOP, featurizer->count * sizeof *samples);
    return 1;
}
