#include "ww_adc.h"

#include "../core/ww_fixed.h"

#define LEVEL_BITS 8
#define LEVEL_SCALE 256
#define SLOWNESS 12 /* 2^12 samples */

void ww_adc_reset(ww_adc *adc)
{
    adc->level = 0;
    adc->settled = 0;
}

void ww_adc_to_samples(ww_adc *adc, int16_t *codes, int count)
{
    int i;
    for (i = 0; i < count; i++) {
        int32_t value = (codes[i] & 0xFFF) * 16 - 32768;
        if (!adc->settled) { /* else the first second would be a ramp from zero */
            adc->level = value * LEVEL_SCALE;
            adc->settled = 1;
        }
        adc->level += ww_rshift(value * LEVEL_SCALE - adc->level, SLOWNESS);
        codes[i] = ww_saturate16(value - ww_rshift(adc->level, LEVEL_BITS));
    }
}
