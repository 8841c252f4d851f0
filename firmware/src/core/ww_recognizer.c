#include "ww_recognizer.h"

#include <string.h>

void ww_recognizer_reset(ww_recognizer *recognizer, const ww_model *model)
{
    memset(recognizer, 0, sizeof *recognizer);
    recognizer->model = model;
}

int ww_recognizer_step(ww_recognizer *recognizer, ww_fastgrnn_scratch *scratch, const int16_t features[WW_MEL_BANDS],
                       ww_event *event)
{
    ww_fastgrnn_step(recognizer->model, &recognizer->network, scratch, features, recognizer->posteriors);
    return ww_detector_step(recognizer->model, &recognizer->detector, recognizer->posteriors, event);
}
