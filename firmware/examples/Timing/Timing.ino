// Measures a frame on the board itself: microseconds of each stage, the mean of 100 frames of noise. A frame comes each
// 10,000 microseconds; the rest is free for a sketch.
#include <WakeWord.h>
#include "wakeword_model.h" // the one beside this sketch if there is one, else google12

#if defined(ARDUINO_SAMD_ZERO)
#define Serial SerialUSB // by the native port, not the programming port
#endif

static ww_featurizer featurizer;
static ww_scratch scratch;
static ww_fastgrnn_scratch network_scratch;
static ww_fastgrnn network;
static ww_detector detector;
static const uint32_t FRAMES = 100;

static void noise(int16_t *samples, uint32_t count)
{
    static uint32_t seed = 1;
    for (uint32_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        samples[i] = static_cast<int16_t>(seed / 65536u);
    }
}

static void report(const char *stage, uint32_t microseconds)
{
    Serial.print(stage);
    Serial.println(microseconds / FRAMES);
}

void setup()
{
    Serial.begin(115200);
    ww_featurizer_reset(&featurizer);
    ww_fastgrnn_reset(&network);
    ww_detector_reset(&detector);
}

void loop()
{
    uint32_t front_end = 0, network_time = 0, detector_time = 0;
    for (uint32_t frame = 0; frame < FRAMES;) {
        int16_t samples[WW_HOP], features[WW_MEL_BANDS], posteriors[WW_MAX_LABELS];
        ww_event event;
        uint32_t count = WW_HOP;
        noise(samples, count);
        const uint32_t begin = micros();
        if (!ww_featurizer_push(&featurizer, &scratch, samples, &count, features))
            continue;
        const uint32_t computed = micros();
        ww_fastgrnn_step(&wakeword_model, &network, &network_scratch, features, posteriors);
        const uint32_t stepped = micros();
        ww_detector_step(&wakeword_model, &detector, posteriors, &event);
        front_end += computed - begin;
        network_time += stepped - computed;
        detector_time += micros() - stepped;
        frame++;
    }
    report("front end, us: ", front_end);
    report("network, us:   ", network_time);
    report("detector, us:  ", detector_time);
}
