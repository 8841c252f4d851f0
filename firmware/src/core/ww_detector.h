/* From posteriors to events. wakeword/inference/detector.py is the reference. Time is counted in frames passed in. */
#ifndef WW_DETECTOR_H
#define WW_DETECTOR_H

#include <stdint.h>

#include "ww_model.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    int32_t average[WW_MAX_LABELS]; /* smoothed posteriors, Q23 */
    uint8_t fired[WW_MAX_LABELS];   /* has not been below its threshold since its last event */
    uint16_t pause;                 /* frames until the next event may come */
    uint32_t frame;                 /* frames seen */
} ww_detector;

typedef struct {
    uint8_t label;
    int16_t score;  /* smoothed posterior, Q15 */
    uint32_t frame; /* counted from the last reset */
} ww_event;

void ww_detector_reset(ww_detector *detector);

/* Returns the smoothed posterior of a label, Q15. */
int16_t ww_detector_score(const ww_detector *detector, int label);

/* Takes one frame of posteriors, Q15. Returns 1 and fills the event if a word is detected, else 0. */
int ww_detector_step(const ww_model *model, ww_detector *detector, const int16_t *posteriors, ww_event *event);

#ifdef __cplusplus
}
#endif

#endif
