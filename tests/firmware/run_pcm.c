/* Runs an exported model over raw 16-bit samples on stdin and prints all that it computes, a line each:
 *
 *     features F...        hidden H...        posteriors P...        event LABEL SCORE FRAME
 *
 * The argument is how many samples are pushed at a time. */
#include <stdio.h>
#include <stdlib.h>

#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#endif

#include "wakeword_model.h"
#include "ww_engine.h"

static ww_engine engine;

static void print(const char *name, const int16_t *values, int count)
{
    int i;
    printf("%s", name);
    for (i = 0; i < count; i++)
        printf(" %d", values[i]);
    printf("\n");
}

static void push(const int16_t *samples, uint32_t count)
{
    while (count > 0) {
        ww_event event;
        uint32_t taken = count;
        int result = ww_engine_push(&engine, samples, &taken, &event);
        samples += taken;
        count -= taken;
        if (result & WW_FRAME) {
            print("features", engine.features, WW_MEL_BANDS);
            print("hidden", engine.recognizer.network.hidden, wakeword_model.hidden);
            print("posteriors", engine.recognizer.posteriors, wakeword_model.labels);
        }
        if (result & WW_EVENT)
            printf("event %s %d %lu\n", wakeword_labels[event.label], event.score, (unsigned long)event.frame);
    }
}

int main(int argc, char **argv)
{
    size_t chunk = argc > 1 ? (size_t)atol(argv[1]) : 160;
    /* Exactly the size of a chunk, so that the sanitizer sees a sample read beyond it. */
    int16_t *samples = malloc(chunk * sizeof *samples);
    size_t count;
    if (!samples)
        return 1;
#ifdef _WIN32
    _setmode(_fileno(stdin), _O_BINARY); /* else samples that look like the end of a line or of a file are lost */
#endif
    ww_engine_reset(&engine, &wakeword_model);
    while ((count = fread(samples, sizeof *samples, chunk, stdin)) > 0)
        push(samples, (uint32_t)count);
    free(samples);
    return 0;
}
