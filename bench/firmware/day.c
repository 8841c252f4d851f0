/* Runs raw 16-bit samples from stdin through the engine. At the end it prints the numbers of frames and events, checksums
 * of every state, posterior and event, and the last state. */
#include <stdio.h>

#include "wakeword_model.h"
#include "ww_engine.h"

static ww_engine engine;
/* CRC-32, as zlib has it, of all frames and of all events. */
static uint32_t table[256], frames_digest, events_digest;

static void fill_table(void)
{
    uint32_t i, bit;
    for (i = 0; i < 256; i++)
        for (bit = 0, table[i] = i; bit < 8; bit++)
            table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xEDB88320u : 0);
}

static void add(uint32_t *digest, const int16_t *values, int count)
{
    const uint8_t *bytes = (const uint8_t *)values;
    uint32_t sum = ~*digest;
    int i;
    for (i = 0; i < 2 * count; i++)
        sum = sum >> 8 ^ table[(sum ^ bytes[i]) & 0xFF];
    *digest = ~sum;
}

int main(void)
{
    static int16_t samples[WW_SAMPLE_RATE];
    size_t count;
    unsigned long events = 0;
    int unit;
    fill_table();
    ww_engine_reset(&engine, &wakeword_model);
    while ((count = fread(samples, sizeof *samples, WW_SAMPLE_RATE, stdin)) > 0) {
        const int16_t *at = samples;
        uint32_t left = (uint32_t)count;
        while (left > 0) {
            uint32_t taken = left;
            ww_event event;
            int result = ww_engine_push(&engine, at, &taken, &event);
            at += taken;
            left -= taken;
            if (result & WW_FRAME) {
                add(&frames_digest, engine.recognizer.network.hidden, wakeword_model.hidden);
                add(&frames_digest, engine.recognizer.posteriors, wakeword_model.labels);
            }
            if (result & WW_EVENT) {
                add(&events_digest, &event.score, 1);
                events++;
            }
        }
    }
    printf("%lu frames %08lx, %lu events %08lx, state", (unsigned long)engine.recognizer.detector.frame,
           (unsigned long)frames_digest, events, (unsigned long)events_digest);
    for (unit = 0; unit < wakeword_model.hidden; unit++)
        printf(" %d", engine.recognizer.network.hidden[unit]);
    printf("\n");
    return 0;
}
