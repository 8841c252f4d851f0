/* What JavaScript calls: one model and one stream for each instance of the WebAssembly module. Nothing is allocated.
 *
 * A caller writes a model's bytes at web_model, calls web_load, writes samples at web_samples or web_floats and calls
 * web_push or web_push_floats. The events are then at web_events. */
#include "ww_binary.h"
#include "ww_engine.h"
#include "ww_fixed.h"

#define EXPORT(name) __attribute__((export_name(#name), visibility("default")))

enum {
    CHUNK = 4096,        /* samples in a call */
    MAX_MODEL = 1 << 16, /* bytes; the largest that the core can run has fewer */
    MAX_EVENTS = CHUNK / WW_HOP + 1
};

/* A stream begins when a model is loaded, and with each reset. */
static ww_engine engine;
static ww_binary binary;
static ww_event events[MAX_EVENTS];
static float floats[CHUNK];
static int16_t samples[CHUNK];
static _Alignas(WW_BINARY_ALIGNMENT) uint8_t model[MAX_MODEL];

EXPORT(chunk) int web_chunk(void) { return CHUNK; }
EXPORT(maxModel) int web_max_model(void) { return MAX_MODEL; }
EXPORT(model) uint8_t *web_model(void) { return model; }
EXPORT(samples) int16_t *web_samples(void) { return samples; }
EXPORT(floats) float *web_floats(void) { return floats; }
EXPORT(events) ww_event *web_events(void) { return events; }

/* Begins a new stream. */
EXPORT(reset) void web_reset(void)
{
    ww_engine_reset(&engine, &binary.both.model);
}

/* Loads the model of so many bytes; returns a ww_binary_result. After a failure no other function may be called. */
EXPORT(load) int web_load(uint32_t size)
{
    ww_binary_result result = ww_binary_load(&binary, model, size);
    if (result == WW_BINARY_GOOD)
        web_reset();
    return result;
}

/* Of the model that is loaded: */
EXPORT(labelCount) int web_label_count(void) { return binary.both.model.labels; }
EXPORT(firstWord) int web_first_word(void) { return binary.both.model.first_word; }
EXPORT(labels) const uint8_t *web_labels(void) { return binary.labels; }
EXPORT(thresholds) const int16_t *web_thresholds(void) { return binary.both.model.threshold; }
EXPORT(refractory) int web_refractory(void) { return binary.both.model.refractory; }

/* The score of a label after the last frame that the samples completed. */
EXPORT(score) int web_score(int label) { return ww_detector_score(&engine.recognizer.detector, label); }

/* Takes samples; returns the number of events that they complete. */
EXPORT(push) int web_push(uint32_t count)
{
    const int16_t *at = samples;
    int found = 0;
    while (count > 0) {
        uint32_t taken = count;
        if (ww_engine_push(&engine, at, &taken, &events[found]) & WW_EVENT)
            found++;
        at += taken;
        count -= taken;
    }
    return found;
}

/* Rounds to the nearest int16, half to even, as wakeword/audio/files.py. What is no number becomes 0. */
static int16_t to_int16(float sample)
{
    const float scaled = sample * 32768.0f;
    if (scaled >= 32767.0f)
        return INT16_MAX;
    if (scaled <= -32768.0f)
        return INT16_MIN;
    return scaled == scaled ? (int16_t)__builtin_nearbyintf(scaled) : 0;
}

/* Takes samples that are floats, of which 1 is full scale. */
EXPORT(pushFloats) int web_push_floats(uint32_t count)
{
    uint32_t i;
    for (i = 0; i < count; i++)
        samples[i] = to_int16(floats[i]);
    return web_push(count);
}
