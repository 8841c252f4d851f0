#include "ww_combined.h"

static void reset(ww_further *further)
{
    ww_recognizer_reset(&further->recognizer, further->recognizer.model);
    further->left = 0;
    further->has_event = 0;
}

static void put(ww_further **first, ww_further *further, const ww_model *model, const char *const *labels)
{
    while (*first && *first != further)
        first = &(*first)->next;
    if (!*first)
        further->next = 0;
    *first = further;
    further->recognizer.model = model;
    further->labels = labels;
    reset(further);
}

void ww_combined_add(ww_further **first, ww_further *further, const ww_model *model, const char *const *labels)
{
    put(first, further, model, labels);
    further->is_command = 0;
}

void ww_combined_then(ww_further **first, ww_further *further, const ww_model *model, const char *const *labels,
                      uint32_t frames)
{
    put(first, further, model, labels);
    further->is_command = 1;
    further->most = frames;
}

void ww_combined_reset(ww_further *first)
{
    for (; first; first = first->next)
        reset(first);
}

static void step(ww_further *further, ww_engine *engine)
{
    further->has_event = 0;
    if (further->is_command && further->left == 0)
        return;
    if (further->is_command)
        further->left--;
    further->has_event = (uint8_t)ww_recognizer_step(&further->recognizer, &engine->scratch.network, engine->features,
                                                     &further->event);
    further->event.frame = engine->recognizer.detector.frame - 1;
}

/* From the next frame on a command is heard. One that is heard already is not reset, or its word would be cut. */
static void wake(ww_further *command)
{
    if (command->left == 0)
        ww_recognizer_reset(&command->recognizer, command->recognizer.model);
    command->left = command->most;
}

void ww_combined_step(ww_further *first, ww_engine *engine, int has_event)
{
    ww_further *further;
    for (further = first; further; further = further->next) {
        step(further, engine);
        if (!further->is_command && further->has_event)
            has_event = 1;
    }
    for (further = first; further && has_event; further = further->next)
        if (further->is_command)
            wake(further);
}
