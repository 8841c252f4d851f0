#include "ww_uno_live.h"

#include <string.h>

/* Samples that may arrive while a frame is copied out of the ring. */
#define LOADING 16

void ww_uno_live_begin(ww_uno_live *live, const WW_FLASH ww_uno_model *model)
{
    uint8_t label;
    memset(live, 0, sizeof *live);
    live->model = model;
    for (label = 0; label < model->head.rows; label++)
        live->threshold[label] = model->threshold[label];
    live->settings.threshold = live->threshold;
    live->settings.labels = model->head.rows;
    live->settings.first_word = model->first_word;
    live->settings.smoothing = model->smoothing;
    live->settings.refractory = model->refractory;
    ww_detector_reset(&live->detector);
}

/* Returns the number of samples from the oldest on. An interrupt may change the counter between its two bytes, so it is
 * read until two readings agree. */
static uint16_t waiting(const ww_uno_live *live)
{
    uint16_t before, written = live->written;
    do {
        before = written;
        written = live->written;
    } while (written != before);
    return (uint16_t)(written - live->oldest);
}

int ww_uno_live_poll(ww_uno_live *live, ww_event *event)
{
    uint16_t count = waiting(live);
    if (count < WW_UNO_FRAME)
        return 0;
    for (; count > WW_UNO_RING - LOADING; count = (uint16_t)(count - WW_UNO_HOP)) {
        live->oldest = (uint16_t)(live->oldest + WW_UNO_HOP);
        live->lost += WW_UNO_HOP;
    }
    if (count < WW_UNO_FRAME)
        return 0;
    ww_uno_features(live->samples, (uint8_t)live->oldest, live->bins, live->features);
    live->oldest = (uint16_t)(live->oldest + WW_UNO_HOP);
    ww_uno_network_step(live->model, &live->network, live->features, live->posteriors);
    if (ww_detector_step(&live->settings, &live->detector, live->posteriors, event))
        return WW_UNO_FRAME_DONE | WW_UNO_EVENT;
    return WW_UNO_FRAME_DONE;
}
