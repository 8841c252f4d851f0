/* The PDM library, as each core has it: an interrupt each time that a buffer is full. A sketch that leaves samples in
 * it finds the microphone stopped, as on an nRF52840. */
#include <PDM.h>

#include <cstdlib>
#include <cstring>
#include <vector>

#include "heard.h"

static void (*onReceive)();
static std::vector<int16_t> buffer(256);
static size_t offset;
static bool begun;

#if defined(ARDUINO_NRF52_ADAFRUIT)
PDMClass::PDMClass(int, int, int) {}
PDMClass PDM(PIN_PDM_DIN, PIN_PDM_CLK, PIN_PDM_PWR);
int PDMClass::begin(int channels, long sampleRate)
#elif defined(ARDUINO_ARCH_MBED)
PDMClass::PDMClass(int, int, int) {}
PDMClass PDM(PIN_PDM_DIN, PIN_PDM_CLK, -1);
int PDMClass::begin(int channels, int sampleRate)
#else
static int pins[] = {-1, -1};
PDMClass::PDMClass(int, int) {}
PDMClass PDM(-1, -1);
void PDMClass::setDIN(int pin)
{
    pins[0] = pin;
}
void PDMClass::setCLK(int pin)
{
    pins[1] = pin;
}
int PDMClass::begin(int channels, int sampleRate)
#endif
{
#if !defined(ARDUINO_NRF52_ADAFRUIT) && !defined(ARDUINO_ARCH_MBED)
    if (pins[0] < 0 || pins[1] < 0)
        return 0;
#endif
    begun = channels == 1 && sampleRate == 16000;
    offset = buffer.size();
    return begun;
}

PDMClass::~PDMClass() {}

void PDMClass::onReceive(void (*function)(void))
{
    ::onReceive = function;
}

void PDMClass::setBufferSize(int size)
{
    buffer.resize(static_cast<size_t>(size) / sizeof(int16_t));
}

int PDMClass::available()
{
    return static_cast<int>((buffer.size() - offset) * sizeof(int16_t));
}

int PDMClass::read(void *samples, size_t size)
{
    size_t count = size / sizeof(int16_t);
    if (count > buffer.size() - offset)
        count = buffer.size() - offset;
    memcpy(samples, &buffer[offset], count * sizeof(int16_t));
    offset += count;
    return static_cast<int>(count * sizeof(int16_t));
}

bool deliver()
{
    if (!begun || offset != buffer.size() || !recorded(buffer.data(), static_cast<int>(buffer.size())))
        return false;
    offset = 0;
    ::onReceive();
    return true;
}
