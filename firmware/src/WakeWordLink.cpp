#include "WakeWordLink.h"

#include "microphone/boards.h"

WakeWordLinkClass WakeWordLink;

#if defined(ARDUINO_ARCH_SAM) || defined(ARDUINO_ARCH_SAMD)
extern "C" char *sbrk(int increment);
#endif

namespace
{

/* That a call of poll() takes: a whole message. A computer that sends without end does not keep the sketch from its
 * microphone. */
const int MOST_BYTES = WW_LINK_BODY + 2;

Stream *port;

void toSerial(const uint8_t *bytes, uint16_t count)
{
    port->write(bytes, count);
}

/* Bytes that the stack may still grow by; 0 where the core does not tell. */
uint32_t stackFree()
{
#if defined(ARDUINO_ARCH_ESP32)
    return uxTaskGetStackHighWaterMark(nullptr);
#elif defined(WW_ARDUINO_PICO)
    return static_cast<uint32_t>(rp2040.getFreeStack());
#elif defined(ARDUINO_ARCH_SAM) || defined(ARDUINO_ARCH_SAMD)
    char here; /* the one stack grows towards the heap */
    return static_cast<uint32_t>(&here - sbrk(0));
#else
    return 0;
#endif
}

} // namespace

void WakeWordLinkClass::begin(Stream &serial, const ww_model &model, const char *const *labels, uint32_t modelId)
{
    _serial = port = &serial;
    _busiest = 0;
    ww_device_begin(&_device, &model, labels, modelId, toSerial);
}

void WakeWordLinkClass::add(WakeWordModel &further, const ww_model &model, const char *const *labels)
{
    ww_combined_add(&_device.further, &further, &model, labels);
}

void WakeWordLinkClass::then(WakeWordModel &command, const ww_model &model, const char *const *labels, uint16_t seconds)
{
    const uint32_t frames = seconds * static_cast<uint32_t>(WW_FRAMES_PER_SECOND);
    ww_combined_then(&_device.further, &command, &model, labels, frames);
}

void WakeWordLinkClass::push(const int16_t *samples, uint32_t count)
{
    if (!_serial) /* nothing has begun */
        return;
    const uint32_t begin = micros();
    ww_device_push(&_device, samples, count);
    const uint32_t taken = micros() - begin;
    if (taken > _busiest)
        _busiest = taken;
}

void WakeWordLinkClass::poll(uint32_t lost)
{
    if (!_serial)
        return;
    for (int left = MOST_BYTES; left > 0 && _serial->available() > 0; left--)
        ww_device_receive(&_device, static_cast<uint8_t>(_serial->read()));
    if (ww_device_status_due(&_device)) {
        const ww_health health = {lost, _busiest, stackFree()};
        _busiest = 0;
        ww_device_send_status(&_device, &health);
    }
}
