#include "ww_engine.h"

#include <string.h>

void ww_engine_reset(ww_engine *engine, const ww_model *model)
{
    memset(engine, 0, sizeof *engine);
    ww_featurizer_reset(&engine->featurizer);
    ww_recognizer_reset(&engine->recognizer, model);
}

int ww_engine_push(ww_engine *engine, const int16_t *samples, uint32_t *count, ww_event *event)
{
    if (!ww_featurizer_push(&engine->featurizer, &engine->scratch.featurizer, samples, count, engine->features))
        return 0;
    if (ww_recognizer_step(&engine->recognizer, &engine->scratch.network, engine->features, event))
        return WW_FRAME | WW_EVENT;
    return WW_FRAME;
}
