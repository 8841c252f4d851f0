#include "ww_engine.h"

#include <string.h>

void ww_engine_reset(ww_engine *engine, const ww_model *model)
{
    memset(engine, 0, sizeof *engine);
    engine->model = model;
    ww_featurizer_reset(&engine->featurizer);
}

int ww_engine_push(ww_engine *engine, const int16_t *samples, uint32_t *count, ww_event *event)
{
    if (!ww_featurizer_push(&engine->featurizer, &engine->scratch.featurizer, samples, count, engine->features))
        return 0;
    ww_fastgrnn_step(engine->model, &engine->network, &engine->scratch.network, engine->features, engine->posteriors);
    if (ww_detector_step(engine->model, &engine->detector, engine->posteriors, event))
        return WW_FRAME | WW_EVENT;
    return WW_FRAME;
}
