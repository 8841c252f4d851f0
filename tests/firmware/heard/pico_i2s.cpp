/* Arduino-Pico's I2S library: buffers that DMA fills one after the other. When all are full, the newest is overwritten,
 * and the interrupt comes all the same. */
#include <I2S.h>

#include <cstdlib>
#include <deque>
#include <vector>

#include "heard.h"

static void (*received)();
static std::deque<std::vector<int32_t>> filled;
static size_t offset, buffers, words;
static int bits;
static bool begun;

I2S::I2S(PinMode direction, pin_size_t, pin_size_t, pin_size_t, pin_size_t)
{
    if (direction != INPUT)
        abort();
}
I2S::~I2S() {}
bool I2S::setBCLK(pin_size_t pin) { return pin <= 28; }
bool I2S::setDATA(pin_size_t pin) { return pin < 30; }
bool I2S::setBitsPerSample(int bps) { bits = bps; return !begun; }
bool I2S::setBuffers(size_t count, size_t size, int32_t) { buffers = count; words = size; return !begun; }
bool I2S::setFrequency(int) { return true; }
bool I2S::swapClocks() { return !begun; }
bool I2S::begin(long sampleRate) { return sampleRate == 16000 && begin(); }
bool I2S::begin() { begun = bits == 32; return begun; }
void I2S::onReceive(void (*function)(void)) { received = function; }
int I2S::available()
{
    return filled.empty() ? 0 : static_cast<int>((filled.size() * words - offset) * sizeof(int32_t));
}
int I2S::read() { abort(); }
int I2S::peek() { abort(); }
size_t I2S::write(uint8_t) { abort(); }

static int32_t word()
{
    if (filled.empty())
        abort(); /* the board would wait for ever in a program that no interrupt reaches */
    const int32_t value = filled.front()[offset++];
    if (offset == words) {
        filled.pop_front();
        offset = 0;
    }
    return value;
}

bool I2S::read32(int32_t *l, int32_t *r)
{
    *l = word();
    *r = word();
    return true;
}

bool deliver()
{
    std::vector<int16_t> samples(words / 2);
    if (!begun || !recorded(samples.data(), static_cast<int>(words / 2)))
        return false;
    if (filled.size() < buffers - 2) { /* two belong to the DMA */
        std::vector<int32_t> slots;
        for (int16_t sample : samples) {
            slots.push_back(sample * 65536 + (sample < 0 ? -255 : 255) * 256); /* 24 bits */
            slots.push_back(0x7FFFFFFF);                                       /* the right channel */
        }
        filled.push_back(slots);
    }
    received();
    return true;
}
