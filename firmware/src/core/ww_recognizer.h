/* A model's part of the pipeline: features -> network -> detector -> events. Several may take the features of one front
 * end, and share working memory. */
#ifndef WW_RECOGNIZER_H
#define WW_RECOGNIZER_H

#include "ww_detector.h"
#include "ww_fastgrnn.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    const ww_model *model;
    ww_fastgrnn network;
    ww_detector detector;
    int16_t posteriors[WW_MAX_LABELS]; /* of the last frame, Q15 */
} ww_recognizer;

void ww_recognizer_reset(ww_recognizer *recognizer, const ww_model *model);

/* Takes one frame of features, log2 Q9. Returns 1 and fills the event if a word is detected in it, else 0. */
int ww_recognizer_step(ww_recognizer *recognizer, ww_fastgrnn_scratch *scratch, const int16_t features[WW_MEL_BANDS],
                       ww_event *event);

#ifdef __cplusplus
}
#endif

#endif
