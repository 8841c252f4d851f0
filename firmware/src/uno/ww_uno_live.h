/* The whole pipeline of an Uno, from the converter's samples to events. The caller owns the one struct: an interrupt
 * puts samples into it, and the main loop polls it. */
#ifndef WW_UNO_LIVE_H
#define WW_UNO_LIVE_H

#include <stdint.h>

#include "../core/ww_detector.h"
#include "ww_uno_features.h"
#include "ww_uno_network.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WW_UNO_FRAME_DONE 1
#define WW_UNO_EVENT 2

typedef struct {
    int16_t features[WW_UNO_MEL_BANDS]; /* of the last frame, log2 Q9 */
    int16_t posteriors[WW_UNO_MAX_LABELS];
    ww_uno_network network;
    uint32_t lost;             /* samples that were overwritten before a frame was computed of them */
    uint16_t oldest;           /* the first sample of the next frame */
    volatile uint16_t written; /* samples so far; both counts wrap at 2^16 */
    volatile uint16_t samples[WW_UNO_RING];
    ww_uno_bin bins[WW_UNO_POINTS];
    const WW_FLASH ww_uno_model *model;
    ww_model settings; /* the detector's settings, which it reads from RAM */
    int16_t threshold[WW_UNO_MAX_LABELS];
    ww_detector detector;
} ww_uno_live;

void ww_uno_live_begin(ww_uno_live *live, const WW_FLASH ww_uno_model *model);

/* Takes one sample of the converter, 0 to 1023; for an interrupt. */
static inline void ww_uno_live_put(ww_uno_live *live, uint16_t sample)
{
    uint16_t written = live->written;
    live->samples[(uint8_t)written] = sample;
    live->written = (uint16_t)(written + 1);
}

/* Computes a frame if its samples are complete. Returns WW_UNO_FRAME_DONE if so, WW_UNO_FRAME_DONE | WW_UNO_EVENT
 * and the event if a word is detected, else 0. Call it within 4 ms of a frame's last sample. */
int ww_uno_live_poll(ww_uno_live *live, ww_event *event);

#ifdef __cplusplus
}
#endif

#endif
