/* Further models at the front end of an engine. Some are heard always, as the engine's own; *commands* only for some time
 * after a word of those. wakeword/inference/combined.py is the reference. The caller owns each model's struct. */
#ifndef WW_COMBINED_H
#define WW_COMBINED_H

#include "ww_engine.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WW_FRAMES_PER_SECOND = WW_SAMPLE_RATE / WW_HOP };

typedef struct ww_further {
    ww_recognizer recognizer;
    const char *const *labels;
    struct ww_further *next; /* null: the last */
    uint32_t most;           /* frames for which a command is heard after a word of a model that is none */
    uint32_t left;           /* frames for which a command is still heard */
    ww_event event;          /* of the last frame, if has_event; its frame is the engine's */
    uint8_t has_event;
    uint8_t is_command;
} ww_further;

/* Puts a model at the end of a list, whose first is null if it is empty. A model that is in the list begins anew. */
void ww_combined_add(ww_further **first, ww_further *further, const ww_model *model, const char *const *labels);

/* Likewise puts a command, which is heard for so many frames after a word. */
void ww_combined_then(ww_further **first, ww_further *further, const ww_model *model, const char *const *labels,
                      uint32_t frames);

/* Resets all models of a list, as for a new stream. Commands are not heard. */
void ww_combined_reset(ww_further *first);

/* Takes the last frame of the engine; call it after each. has_event: whether the engine's own model had an event in it.
 * A word during the time of a command prolongs the time, and the command goes on. */
void ww_combined_step(ww_further *first, ww_engine *engine, int has_event);

#ifdef __cplusplus
}
#endif

#endif
