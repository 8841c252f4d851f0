/* Samples from a 12-bit converter that measures a voltage around half the supply. */
#ifndef WW_ADC_H
#define WW_ADC_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The level of silence, Q8 of a sample. It follows the signal with a time constant of 0.26 s (0.6 Hz). */
typedef struct {
    int32_t level;
    uint8_t settled;
} ww_adc;

void ww_adc_reset(ww_adc *adc);

/* Converts in place: codes from 0 to 4095 to samples around zero that use all of int16. */
void ww_adc_to_samples(ww_adc *adc, int16_t *codes, int count);

#ifdef __cplusplus
}
#endif

#endif
