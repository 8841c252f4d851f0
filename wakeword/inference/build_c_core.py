"""Build `wakeword.inference._core`: the chip's C core as a Python extension (cffi, API mode, out of line)."""

import re
from pathlib import Path

from cffi import FFI

# Relative to the project's root, in which setuptools runs: a source distribution can't hold absolute paths.
CORE = Path("firmware/src/core")
SOURCES = sorted(str(path) for path in CORE.glob("*.c"))

_DECLARATIONS = """
typedef struct {
    const void *layout;
    const int8_t *values;
    uint8_t rows, cols, shift, form;
} ww_matrix;
typedef struct {
    const int16_t *mean, *scale;
    ww_matrix w1, w2, u1, u2;
    const int16_t *bias_gate, *bias_update;
    int16_t zeta, nu;
    uint8_t gate, frames_per_step, evidence, convolved;
    ww_matrix head;
    const int16_t *head_bias, *threshold;
    uint8_t hidden, rank_w, rank_u, labels, first_word, smoothing;
    uint16_t refractory;
    ...;
} ww_model;
typedef struct {
    ww_matrix first, pointwise;
    const int16_t *first_bias;
    const int8_t *depthwise;
    const int16_t *depthwise_bias, *pointwise_bias;
    uint8_t frames, band_stride, frame_stride, depthwise_shift, positions;
    ...;
} ww_convolution;
typedef struct { ww_model model; ww_convolution convolution; ...; } ww_convolved_model;
typedef struct { uint8_t label; int16_t score; uint32_t frame; ...; } ww_event;
typedef struct { ...; } ww_detector;
typedef struct { ...; } ww_recognizer;
typedef struct { ...; } ww_engine;
#define WW_FEATURIZER_ID ...
#define WW_MAX_HIDDEN ...
#define WW_MAX_RANK ...
#define WW_MAX_FRAMES_PER_STEP ...
#define WW_MAX_LABELS ...
#define WW_DEPTHWISE ...
#define WW_MAX_CHANNELS ...
#define WW_MAX_OUTPUTS ...
#define WW_MAX_FRAMES ...
#define WW_MAX_PADDING ...
#define WW_MAX_SUMS ...
#define WW_MAX_INPUTS ...
void ww_engine_reset(ww_engine *engine, const ww_model *model);
void ww_recognizer_reset(ww_recognizer *recognizer, const ww_model *model);
void ww_detector_reset(ww_detector *detector);
int16_t ww_detector_score(const ww_detector *detector, int label);
int ww_detector_step(const ww_model *model, ww_detector *detector, const int16_t *posteriors, ww_event *event);
"""

# For the host alone: many frames in one call from Python, and the inline arithmetic for the tests.
_HOST = r"""
#include "ww_engine.h"
#include "ww_fixed.h"

/* The next row of each array. */
typedef struct { int16_t *features, *hidden, *posteriors, *scores; ww_event *events; } host_rows;

/* Adds the row of a frame, but not its features. */
static void add_row(host_rows *rows, const ww_recognizer *recognizer, int has_event)
{
    const ww_model *model = recognizer->model;
    int label;
    memcpy(rows->hidden, recognizer->network.hidden, model->hidden * sizeof *rows->hidden);
    memcpy(rows->posteriors, recognizer->posteriors, model->labels * sizeof *rows->posteriors);
    for (label = 0; label < model->labels; label++)
        rows->scores[label] = ww_detector_score(&recognizer->detector, label);
    rows->hidden += model->hidden;
    rows->posteriors += model->labels;
    rows->scores += model->labels;
    if (has_event)
        rows->events++;
}

static uint32_t push_one(ww_engine *engine, const int16_t *samples, uint32_t count, host_rows *rows)
{
    uint32_t frames = 0;
    while (count > 0) {
        uint32_t taken = count;
        int result = ww_engine_push(engine, samples, &taken, rows->events);
        samples += taken;
        count -= taken;
        if (!(result & WW_FRAME))
            break;
        memcpy(rows->features, engine->features, sizeof engine->features);
        rows->features += WW_MEL_BANDS;
        add_row(rows, &engine->recognizer, result & WW_EVENT);
        frames++;
    }
    return frames;
}

/* Pushes the samples of many streams: `samples` holds them one stream after the other, counts[i] of stream i. All
 * engines differ. The arrays get a row for each frame, stream by stream without a gap: frames[i] rows and
 * event_counts[i] events of stream i. */
void host_push_all(uint32_t streams, ww_engine **engines, const int16_t *samples, const uint32_t *counts,
                   int16_t *features, int16_t *hidden, int16_t *posteriors, int16_t *scores, ww_event *events,
                   uint32_t *frames, uint32_t *event_counts)
{
    host_rows rows = { features, hidden, posteriors, scores, events };
    uint32_t stream;
    for (stream = 0; stream < streams; stream++) {
        const ww_event *first = rows.events;
        frames[stream] = push_one(engines[stream], samples, counts[stream], &rows);
        event_counts[stream] = (uint32_t)(rows.events - first);
        samples += counts[stream];
    }
}

/* Likewise pushes features, frames[i] rows of recognizer i, which fill as many rows of the arrays. */
void host_step_all(uint32_t count, ww_recognizer **recognizers, const int16_t *features, const uint32_t *frames,
                   int16_t *hidden, int16_t *posteriors, int16_t *scores, ww_event *events, uint32_t *event_counts)
{
    host_rows rows = { NULL, hidden, posteriors, scores, events };
    ww_fastgrnn_scratch scratch;
    uint32_t i, frame;
    for (i = 0; i < count; i++) {
        const ww_event *first = rows.events;
        for (frame = 0; frame < frames[i]; frame++) {
            int has_event = ww_recognizer_step(recognizers[i], &scratch, features, rows.events);
            features += WW_MEL_BANDS;
            add_row(&rows, recognizers[i], has_event);
        }
        event_counts[i] = (uint32_t)(rows.events - first);
    }
}

/* Computes features of clips, each from reset: samples (clips, length) to features (clips, frames, 32). */
void host_features(const int16_t *samples, uint32_t clips, uint32_t length, int16_t *features)
{
    ww_featurizer featurizer;
    ww_scratch scratch;
    uint32_t clip;
    for (clip = 0; clip < clips; clip++) {
        uint32_t left = length;
        ww_featurizer_reset(&featurizer);
        while (left > 0) {
            uint32_t taken = left;
            if (ww_featurizer_push(&featurizer, &scratch, samples, &taken, features))
                features += WW_MEL_BANDS;
            samples += taken;
            left -= taken;
        }
    }
}

int32_t host_rshift(int32_t x, int n) { return ww_rshift(x, n); }
int32_t host_shift(int32_t x, int n) { return ww_shift(x, n); }
int32_t host_saturate16(int32_t x) { return ww_saturate16(x); }
int32_t host_mul_q15(int32_t a, int16_t w) { return ww_mul_q15(a, w); }
int host_bit_length(uint32_t x) { return ww_bit_length(x); }
int32_t host_log2_q15(uint64_t x) { return ww_log2_q15(x); }
int32_t host_exp2_q15(int32_t x) { return ww_exp2_q15(x); }
int32_t host_sigmoid_q15(int16_t x) { return ww_sigmoid_q15(x); }
int32_t host_tanh_q12(int16_t x) { return ww_tanh_q12(x); }
void host_softmax_q15(const int16_t *logits, int16_t *posteriors, int count)
{
    ww_softmax_q15(logits, posteriors, count);
}
"""

_PROTOTYPES = "".join(
    match.group(1).replace("\n", " ") + ";\n" for match in re.finditer(r"^((?:\w+ )+host_\w+\([^)]*\))", _HOST, re.M)
)

ffibuilder = FFI()
ffibuilder.cdef(_DECLARATIONS + _PROTOTYPES)
ffibuilder.set_source(
    "wakeword.inference._core",
    "#include <string.h>\n" + _HOST,
    sources=SOURCES,
    include_dirs=[str(CORE)],
    depends=sorted(str(path) for path in CORE.glob("*.h")),
    extra_compile_args=["-O2"],
)

if __name__ == "__main__":
    ffibuilder.compile(verbose=True)
