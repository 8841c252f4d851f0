/* Raspberry Pi Pico and Pico 2, by Arduino-Pico's ADCInput library: the converter's own clock is divided to exactly
 * 16 kHz, and two channels of DMA fill blocks, which the library queues. Its interrupt only counts them here. */
#include "boards.h"

#if defined(WW_ARDUINO_PICO)

#include "../AnalogMicrophone.h"
#include "sleep.h"

#include <ADCInput.h>
#include <hardware/adc.h>

AnalogMicrophoneClass AnalogMicrophone;

namespace
{

const size_t BUFFERS = 8; /* two are being filled; the rest is time that the program may take for something else */
const size_t WORDS = WW_BLOCK / 2; /* a word has two samples */

ADCInput &converter() /* made when it is first used, so that a sketch without it has no trace of it */
{
    static ADCInput converter(A0);
    return converter;
}

void received()
{
    AnalogMicrophone.blockComplete();
}

uint32_t waiting()
{
    return static_cast<uint32_t>(converter().available()) / WORDS;
}

bool hasBlock()
{
    return waiting() > 0;
}

} // namespace

bool AnalogMicrophoneClass::begin(int pin)
{
    if (pin < A0 || pin > A3)
        return false;
    _count.reset();
    ww_adc_reset(&_adc);
    converter().onReceive(received);
    if (!converter().setPins(static_cast<pin_size_t>(pin)) || !converter().setBuffers(BUFFERS, WORDS) ||
        !converter().begin(WW_SAMPLE_RATE))
        return false;
    adc_gpio_init(static_cast<unsigned>(pin)); /* version 6.0 of the core takes the pull-down from another pin */
    return true;
}

void AnalogMicrophoneClass::blockComplete()
{
    _count.finish();
}

const int16_t *AnalogMicrophoneClass::read()
{
    if (!waiting())
        return 0;
    for (int i = 0; i < WW_BLOCK; i++)
        _samples[i] = static_cast<int16_t>(converter().read());
    _count.take();
    ww_adc_to_samples(&_adc, _samples, WW_BLOCK);
    return _samples;
}

void AnalogMicrophoneClass::sleep()
{
    sleepUnless(hasBlock);
}

uint32_t AnalogMicrophoneClass::lost() const
{
    return _count.lost(waiting);
}

#endif
