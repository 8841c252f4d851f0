#include "WakeWord.h"

WakeWordClass WakeWord;

void WakeWordClass::begin(const ww_model &model, const char *const *labels)
{
    ww_engine_reset(&_engine, &model);
    _labels = labels;
    _further = nullptr;
    _oldest = _waiting = 0;
}

void WakeWordClass::add(WakeWordModel &further, const ww_model &model, const char *const *labels)
{
    ww_combined_add(&_further, &further, &model, labels);
}

void WakeWordClass::then(WakeWordModel &command, const ww_model &model, const char *const *labels, uint16_t seconds)
{
    const uint32_t frames = seconds * static_cast<uint32_t>(WW_FRAMES_PER_SECOND);
    ww_combined_then(&_further, &command, &model, labels, frames);
}

void WakeWordClass::push(const int16_t *samples, uint32_t count)
{
    if (!_labels) /* nothing has begun */
        return;
    while (count > 0) {
        uint32_t taken = count;
        ww_event event;
        const int result = ww_engine_push(&_engine, samples, &taken, &event);
        if (result & WW_EVENT)
            wait(event, 0);
        if (result & WW_FRAME) {
            uint8_t model = 0;
            ww_combined_step(_further, &_engine, result & WW_EVENT);
            for (const ww_further *further = _further; further; further = further->next) {
                model++;
                if (further->has_event)
                    wait(further->event, model);
            }
        }
        samples += taken;
        count -= taken;
    }
}

void WakeWordClass::wait(const ww_event &event, uint8_t model)
{
    const Waiting waiting = {event.label, model, event.score, event.frame};
    _events[(_oldest + _waiting) % QUEUE] = waiting;
    if (_waiting < QUEUE)
        _waiting++;
    else
        _oldest = static_cast<uint8_t>((_oldest + 1) % QUEUE);
}

const char *const *WakeWordClass::labelsOf(uint8_t model) const
{
    const ww_further *further = _further;
    if (model == 0)
        return _labels;
    while (--model > 0)
        further = further->next;
    return further->labels;
}

bool WakeWordClass::poll(WakeWordEvent &event)
{
    if (_waiting == 0)
        return false;
    const Waiting &oldest = _events[_oldest];
    event.labels = labelsOf(oldest.model);
    event.word = event.labels[oldest.label];
    event.label = oldest.label;
    event.score = oldest.score;
    event.frame = oldest.frame;
    _oldest = static_cast<uint8_t>((_oldest + 1) % QUEUE);
    _waiting--;
    return true;
}
