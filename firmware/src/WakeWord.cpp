#include "WakeWord.h"

WakeWordClass WakeWord;

void WakeWordClass::begin(const ww_model &model, const char *const *labels)
{
    ww_engine_reset(&_engine, &model);
    _labels = labels;
    _oldest = _waiting = 0;
}

void WakeWordClass::push(const int16_t *samples, uint32_t count)
{
    while (count > 0) {
        uint32_t taken = count;
        ww_event event;
        if (ww_engine_push(&_engine, samples, &taken, &event) & WW_EVENT) {
            _events[(_oldest + _waiting) % QUEUE] = event;
            if (_waiting < QUEUE)
                _waiting++;
            else
                _oldest = static_cast<uint8_t>((_oldest + 1) % QUEUE);
        }
        samples += taken;
        count -= taken;
    }
}

bool WakeWordClass::poll(WakeWordEvent &event)
{
    if (_waiting == 0)
        return false;
    const ww_event &oldest = _events[_oldest];
    event.word = _labels[oldest.label];
    event.label = oldest.label;
    event.score = oldest.score;
    event.frame = oldest.frame;
    _oldest = static_cast<uint8_t>((_oldest + 1) % QUEUE);
    _waiting--;
    return true;
}
