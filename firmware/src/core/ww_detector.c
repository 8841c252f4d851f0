#include "ww_detector.h"

#include <string.h>

#include "ww_fixed.h"

#define EXTRA_BITS 8 /* of the average beyond Q15, so that a slow average reaches its target */
#define EXTRA_SCALE 256

void ww_detector_reset(ww_detector *detector)
{
    memset(detector, 0, sizeof *detector);
}

int16_t ww_detector_score(const ww_detector *detector, int label)
{
    return (int16_t)ww_rshift(detector->average[label], EXTRA_BITS);
}

static int leading_word(const ww_model *model, const ww_detector *detector)
{
    int best = model->first_word;
    int label;
    for (label = best + 1; label < model->labels; label++)
        if (ww_detector_score(detector, label) > ww_detector_score(detector, best))
            best = label;
    return best;
}

int ww_detector_step(const ww_model *model, ww_detector *detector, const int16_t *posteriors, ww_event *event)
{
    uint32_t frame = detector->frame++;
    int label;
    for (label = 0; label < model->labels; label++) {
        int32_t distance = posteriors[label] * (int32_t)EXTRA_SCALE - detector->average[label];
        detector->average[label] += ww_rshift(distance, model->smoothing);
        if (ww_detector_score(detector, label) < model->threshold[label])
            detector->fired[label] = 0;
    }
    if (detector->pause > 0) {
        detector->pause--;
        return 0;
    }
    label = leading_word(model, detector);
    if (detector->fired[label] || ww_detector_score(detector, label) < model->threshold[label])
        return 0;
    detector->fired[label] = 1;
    detector->pause = model->refractory;
    event->label = (uint8_t)label;
    event->score = ww_detector_score(detector, label);
    event->frame = frame;
    return 1;
}
