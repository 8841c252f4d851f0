/* Arduino-Pico's ADCInput library: buffers that DMA fills one after the other, two samples in a word. When all are
 * full, the newest is overwritten, and the interrupt comes all the same. */
#include <ADCInput.h>
#include <hardware/adc.h>

#include <cstdlib>
#include <deque>

#include "heard.h"

static void (*received)();
static std::deque<int16_t> filled;
static size_t buffers, words;
static unsigned prepared;
static pin_size_t chosen;
static bool begun;

ADCInput::ADCInput(pin_size_t, pin_size_t, pin_size_t, pin_size_t, pin_size_t, pin_size_t, pin_size_t, pin_size_t) {}
ADCInput::~ADCInput() {}
bool ADCInput::setBuffers(size_t count, size_t size) { buffers = count; words = size; return !begun; }
bool ADCInput::setPins(pin_size_t pin, pin_size_t, pin_size_t, pin_size_t, pin_size_t, pin_size_t, pin_size_t,
                       pin_size_t)
{
    chosen = pin;
    return !begun;
}
bool ADCInput::begin(long sampleRate) { return sampleRate == 16000 && begin(); }
bool ADCInput::begin() { begun = true; return true; }
void ADCInput::onReceive(void (*function)(void)) { received = function; }
int ADCInput::available() { return static_cast<int>(filled.size() / 2); }
int ADCInput::read()
{
    if (filled.empty())
        abort(); /* the board would wait for ever in a program that no interrupt reaches */
    const int16_t code = filled.front();
    filled.pop_front();
    return code;
}
int ADCInput::peek() { abort(); }
size_t ADCInput::write(uint8_t) { abort(); }

extern "C" void adc_gpio_init(uint gpio) { prepared = gpio; }

bool deliver()
{
    int16_t codes[1024];
    if (!begun || prepared != chosen || !recorded(codes, static_cast<int>(2 * words)))
        return false;
    if (filled.size() < 2 * words * (buffers - 2)) /* two belong to the DMA */
        filled.insert(filled.end(), codes, codes + 2 * words);
    received();
    return true;
}
