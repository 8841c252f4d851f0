/* Detect spoken words in samples, as an Arduino library. `wakeword export --format c` writes a model as a header.
 *
 *     WakeWord.begin(wakeword_model, wakeword_labels);
 *     WakeWord.push(samples, count);                        // 16 kHz, int16, any number at a time
 *     while (WakeWord.poll(event)) Serial.println(event.word);
 */
#ifndef WAKEWORD_H
#define WAKEWORD_H

#include "core/ww_engine.h"

struct WakeWordEvent {
    const char *word;
    uint8_t label;
    int16_t score;  /* smoothed posterior: 32768 is certainty */
    uint32_t frame; /* of 10 ms, counted from begin() */
};

class WakeWordClass
{
  public:
    /* Begin a new stream. The model and its labels are not copied: they may be in flash. */
    void begin(const ww_model &model, const char *const *labels);

    /* Take samples, int16 at 16 kHz. Events wait for poll(). */
    void push(const int16_t *samples, uint32_t count);

    /* Take the oldest waiting event; false if there is none. If more than four wait, the oldest are dropped. */
    bool poll(WakeWordEvent &event);

    /* The features, hidden state and posteriors of the last frame. */
    const ww_engine &engine() const { return _engine; }

  private:
    static const uint8_t QUEUE = 4;

    ww_engine _engine;
    const char *const *_labels;
    ww_event _events[QUEUE];
    uint8_t _oldest, _waiting;
};

extern WakeWordClass WakeWord;

#endif
