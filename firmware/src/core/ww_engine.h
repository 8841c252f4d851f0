/* The whole pipeline: samples -> features -> network -> detector -> events. The caller owns the engine struct. */
#ifndef WW_ENGINE_H
#define WW_ENGINE_H

#include "ww_featurizer.h"
#include "ww_recognizer.h"
#include "ww_version.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    ww_featurizer featurizer;
    ww_recognizer recognizer;
    union {
        ww_scratch featurizer;
        ww_fastgrnn_scratch network;
    } scratch;
    int16_t features[WW_MEL_BANDS]; /* of the last frame, log2 Q9 */
} ww_engine;

enum { WW_FRAME = 1, WW_EVENT = 2 };

void ww_engine_reset(ww_engine *engine, const ww_model *model);

/* Takes up to *count samples, until a frame is complete, and sets *count to the number taken. Call it again with the
 * rest. Returns WW_FRAME if a frame was computed, WW_FRAME | WW_EVENT if a word was detected in it, else 0. Further
 * models take each frame by ww_combined_step (ww_combined.h). */
int ww_engine_push(ww_engine *engine, const int16_t *samples, uint32_t *count, ww_event *event);

#ifdef __cplusplus
}
#endif

#endif
