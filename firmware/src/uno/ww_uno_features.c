#include "../core/ww_optimize.h"

#include "ww_uno_features.h"

#include "ww_uno_fixed.h"

/* Returns how far the differences of neighbouring samples can be shifted left within int16. */
static uint8_t headroom(const volatile uint16_t *samples, uint8_t first)
{
    uint16_t magnitudes = 0, before = samples[first];
    uint8_t left, bits;
    for (left = WW_UNO_WINDOW; left > 0; left--) {
        uint16_t sample = samples[++first];
        magnitudes |= (uint16_t)(sample > before ? sample - before : before - sample);
        before = sample;
    }
    bits = ww_uno_bit_length(magnitudes);
    return (uint8_t)(15 - (bits ? bits : 1));
}

/* Loads the differences, scaled up and windowed, as complex numbers even + i odd in the order of the FFT's input. */
static void load_frame(const volatile uint16_t *samples, uint8_t first, int16_t scale, ww_uno_bin *bins)
{
    const WW_FLASH uint8_t *window = ww_uno_half_window;
    uint16_t before = samples[first];
    uint8_t n;
    for (n = 0; n < WW_UNO_WINDOW / 2; n++) {
        ww_uno_bin *bin = &bins[ww_uno_bit_reversal[n]];
        uint16_t even = samples[(uint8_t)(first + 1)], odd = samples[(uint8_t)(first + 2)];
        uint8_t is_rising = n < WW_UNO_WINDOW / 4;
        bin->point.re = ww_uno_weigh((int16_t)((int16_t)(even - before) * scale), is_rising ? window[0] : window[-1]);
        bin->point.im = ww_uno_weigh((int16_t)((int16_t)(odd - even) * scale), is_rising ? window[1] : window[-2]);
        before = odd;
        first = (uint8_t)(first + 2);
        window += is_rising ? 2 : -2;
    }
    for (; n < WW_UNO_POINTS; n++)
        bins[ww_uno_bit_reversal[n]].power = 0;
}

static int16_t log_energy(uint32_t energy, uint8_t shift)
{
    ww_uno_scientific number = ww_uno_to_scientific(energy ? energy : 1);
    int16_t log2 = (int16_t)((number.exponent - 2 * shift) * WW_UNO_ONE_Q9);
    log2 = (int16_t)(log2 + (int16_t)ww_uno_log2[number.fraction]);
    return log2 > WW_UNO_FEATURE_FLOOR ? log2 : WW_UNO_FEATURE_FLOOR;
}

/* Sums of the powers between the peaks of two neighbouring filters: of the rising filter, and of the falling one. */
typedef struct {
    uint32_t rising, falling;
} slope;

static slope sum_slope(const ww_uno_bin *bins, uint8_t begin, uint8_t end)
{
    slope sum = {0, 0};
    uint8_t k;
    for (k = begin; k < end; k++) {
        uint32_t power = bins[k].power, rising = ww_uno_share(power, ww_uno_mel_rise[k - WW_UNO_FIRST_BIN]);
        sum.rising += rising;
        sum.falling += power - rising;
    }
    return sum;
}

void ww_uno_features(const volatile uint16_t samples[WW_UNO_RING], uint8_t first, ww_uno_bin bins[WW_UNO_POINTS],
                     int16_t features[WW_UNO_MEL_BANDS])
{
    uint8_t shift = headroom(samples, first), band;
    uint32_t rising_before;
    load_frame(samples, first, ww_uno_power_of_two(shift), bins);
    ww_uno_fft(bins);
    ww_uno_fft_powers(bins);
    rising_before = sum_slope(bins, ww_uno_mel_edges[0], ww_uno_mel_edges[1]).rising;
    for (band = 0; band < WW_UNO_MEL_BANDS; band++) {
        slope next = sum_slope(bins, ww_uno_mel_edges[band + 1], ww_uno_mel_edges[band + 2]);
        features[band] = log_energy(rising_before + next.falling, shift);
        rising_before = next.rising;
    }
}
