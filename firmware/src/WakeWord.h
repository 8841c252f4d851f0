/* Detect spoken words in samples, as an Arduino library. `wakeword export --format c` writes a model as a header.
 *
 *     WakeWord.begin(wakeword_model, wakeword_labels);
 *     WakeWord.push(samples, count);                        // 16 kHz, int16, any number at a time
 *     while (WakeWord.poll(event)) Serial.println(event.word);
 *
 * Further models listen at the same front end. The sketch owns the RAM of each:
 *
 *     static WakeWordModel second, command;
 *     WakeWord.add(second, second_model, second_labels);     // is always heard
 *     WakeWord.then(command, command_model, command_labels); // is heard for five seconds after a word of the others
 */
#ifndef WAKEWORD_H
#define WAKEWORD_H

#include "core/ww_combined.h"

typedef ww_further WakeWordModel;

struct WakeWordEvent {
    const char *word;
    const char *const *labels; /* of its model, as given to begin(), add() or then() */
    uint8_t label;
    int16_t score;  /* smoothed posterior: 32768 is certainty */
    uint32_t frame; /* of 10 ms, counted from begin() */
};

class WakeWordClass
{
  public:
    /* Begin a new stream of this model alone. The model and its labels are not copied: they may be in flash. */
    void begin(const ww_model &model, const char *const *labels);

    /* Hear one more model; call it after begin(). The struct must live as long as the stream. */
    void add(WakeWordModel &further, const ww_model &model, const char *const *labels);

    /* Hear one more model as commands: only for some seconds after a word of a model that is not one. A word during that
     * time prolongs it. */
    void then(WakeWordModel &command, const ww_model &model, const char *const *labels, uint16_t seconds = 5);

    /* Take samples, int16 at 16 kHz. Events wait for poll(). Before begin() samples are ignored. */
    void push(const int16_t *samples, uint32_t count);

    /* Take the oldest waiting event; false if there is none. If more than four wait, the oldest are dropped. */
    bool poll(WakeWordEvent &event);

    /* The features of the last frame, and hidden state and posteriors of the model of begin(). */
    const ww_engine &engine() const { return _engine; }

  private:
    static const uint8_t QUEUE = 4;

    struct Waiting {
        uint8_t label, model; /* 0: of begin(), then in the order of _further */
        int16_t score;
        uint32_t frame;
    };

    void wait(const ww_event &event, uint8_t model);
    const char *const *labelsOf(uint8_t model) const;

    ww_engine _engine;
    const char *const *_labels;
    ww_further *_further;
    Waiting _events[QUEUE];
    uint8_t _oldest, _waiting;
};

extern WakeWordClass WakeWord;

#endif
