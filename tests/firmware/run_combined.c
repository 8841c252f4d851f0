/* Runs three exported models over raw 16-bit samples on stdin: first_model.h and second_model.h are always heard,
 * command_model.h for some frames after a word of theirs. Prints what they compute, a line each:
 *
 *     hidden H...        posteriors P...        event COLUMN SCORE FRAME
 *
 * with the numbers of all models side by side, and 0 for a command that is not heard. The arguments are how many samples
 * are pushed at a time, for how many frames the command is heard, and how often the models are added. */
#include <stdio.h>
#include <stdlib.h>

#include "command_model.h"
#include "first_model.h"
#include "second_model.h"
#include "ww_combined.h"

static ww_engine engine;
static ww_further second, command, *further;

static void print(const int16_t *values, int count, int heard)
{
    int i;
    for (i = 0; i < count; i++)
        printf(" %d", heard ? values[i] : 0);
}

static void print_frame(int heard)
{
    printf("hidden");
    print(engine.recognizer.network.hidden, first_model.hidden, 1);
    print(second.recognizer.network.hidden, second_model.hidden, 1);
    print(command.recognizer.network.hidden, command_model.hidden, heard);
    printf("\nposteriors");
    print(engine.recognizer.posteriors, first_model.labels, 1);
    print(second.recognizer.posteriors, second_model.labels, 1);
    print(command.recognizer.posteriors, command_model.labels, heard);
    printf("\n");
}

static void print_event(const ww_event *event, int first_column)
{
    printf("event %d %d %lu\n", first_column + event->label, event->score, (unsigned long)event->frame);
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
            int heard = command.left > 0;
            ww_combined_step(further, &engine, result & WW_EVENT);
            print_frame(heard);
            if (result & WW_EVENT)
                print_event(&event, 0);
            if (second.has_event)
                print_event(&second.event, first_model.labels);
            if (command.has_event)
                print_event(&command.event, first_model.labels + second_model.labels);
        }
    }
}

int main(int argc, char **argv)
{
    size_t chunk = argc > 1 ? (size_t)atol(argv[1]) : 160;
    /* Exactly the size of a chunk, so that the sanitizer sees a sample read beyond it. */
    int16_t *samples = malloc(chunk * sizeof *samples);
    size_t count;
    long times = argc > 3 ? atol(argv[3]) : 1;
    if (!samples)
        return 1;
    ww_engine_reset(&engine, &first_model);
    while (times-- > 0) {
        ww_combined_add(&further, &second, &second_model, second_labels);
        ww_combined_then(&further, &command, &command_model, command_labels, argc > 2 ? (uint32_t)atol(argv[2]) : 500);
    }
    while ((count = fread(samples, sizeof *samples, chunk, stdin)) > 0)
        push(samples, (uint32_t)count);
    free(samples);
    return 0;
}
