/* The ESP32's I2S library and the task that reads it. DMA fills buffers of 240 frames; the task goes before the
 * program, so it has read all that there is whenever the program runs. */
#include <ESP_I2S.h>

#include <condition_variable>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <thread>

#include "heard.h"

static const int FRAMES = 240;
static std::mutex mutex;
static std::condition_variable changed;
static std::deque<int32_t> filled;
static bool waiting, begun;
static const std::thread::id program = std::this_thread::get_id();
static int8_t data = -1;

I2SClass::I2SClass() {}
I2SClass::~I2SClass() {}
void I2SClass::setPins(int8_t, int8_t, int8_t dout, int8_t din, int8_t) { data = dout < 0 ? din : -1; }
bool I2SClass::begin(i2s_mode_t mode, uint32_t rate, i2s_data_bit_width_t bits_cfg, i2s_slot_mode_t ch, int8_t)
{
    begun = data >= 0 && mode == I2S_MODE_STD && rate == 16000 && bits_cfg == 32 && ch == 2;
    return begun;
}
int I2SClass::available() { abort(); }
int I2SClass::peek() { abort(); }
int I2SClass::read() { abort(); }
size_t I2SClass::write(uint8_t) { abort(); }

size_t Stream::readBytes(char *, size_t) { abort(); }

size_t I2SClass::readBytes(char *buffer, size_t size)
{
    std::unique_lock<std::mutex> lock(mutex);
    const size_t count = size / sizeof(int32_t);
    while (filled.size() < count) {
        waiting = true;
        changed.notify_all();
        changed.wait(lock);
    }
    for (size_t i = 0; i < count; i++, filled.pop_front())
        reinterpret_cast<int32_t *>(buffer)[i] = filled.front();
    return size;
}

bool deliver()
{
    int16_t samples[FRAMES];
    if (!begun || !recorded(samples, FRAMES))
        return false;
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [] { return waiting; });
    for (int16_t sample : samples) {
        filled.push_back(sample * 65536 + (sample < 0 ? -255 : 255) * 256); /* 24 bits */
        filled.push_back(0x7FFFFFFF);                                       /* the right channel */
    }
    waiting = false;
    changed.notify_all();
    changed.wait(lock, [] { return waiting; });
    return true;
}

BaseType_t xTaskCreatePinnedToCore(TaskFunction_t pxTaskCode, const char *const, const uint32_t,
                                   void *const pvParameters, UBaseType_t uxPriority, TaskHandle_t *const,
                                   const BaseType_t xCoreID)
{
    if (uxPriority <= 1 || xCoreID != xPortGetCoreID())
        abort();
    std::thread(pxTaskCode, pvParameters).detach();
    return pdPASS;
}
BaseType_t xPortGetCoreID(void) { return 1; }
/* The program may wait for a tick; the task would, if something were wrong. */
void vTaskDelay(const TickType_t ticks)
{
    if (ticks != 1 || std::this_thread::get_id() != program)
        abort();
}
UBaseType_t uxTaskGetStackHighWaterMark(TaskHandle_t) { return 1000; }
