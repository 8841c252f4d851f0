/* ESP32-S3, ESP32-C3 and their like, by the core's ESP_I2S library (core 3 or later). The library can't tell how many
 * samples wait, so a task that goes before the program waits for them. */
#if defined(ARDUINO_ARCH_ESP32)

#include "../I2SMicrophone.h"
#include "SampleBlocks.h"
#include "sleep.h"

#include <ESP_I2S.h>

I2SMicrophoneClass I2SMicrophone;

namespace
{

const uint32_t STACK = 4096;    /* bytes */
const UBaseType_t PRIORITY = 5; /* the program has 1 */
SampleBlocks blocks;

bool hasBlock()
{
    return blocks.hasOne();
}

I2SClass &bus() /* made when it is first used, so that a sketch without it has no trace of it */
{
    static I2SClass bus;
    return bus;
}

void receive(void *)
{
    static int32_t frames[2 * WW_BLOCK]; /* left and right: which one an ESP32 takes for mono differs */
    for (;;) {
        const size_t bytes = bus().readBytes(reinterpret_cast<char *>(frames), sizeof frames);
        if (bytes == 0)
            vTaskDelay(1); /* something is wrong; the program goes on */
        for (size_t i = 0; i < bytes / (2 * sizeof *frames); i++)
            blocks.putSlot(frames[2 * i]);
    }
}

} // namespace

bool I2SMicrophoneClass::begin(int sck, int ws, int sd)
{
    blocks.reset();
    bus().setPins(static_cast<int8_t>(sck), static_cast<int8_t>(ws), -1, static_cast<int8_t>(sd));
    if (!bus().begin(I2S_MODE_STD, WW_SAMPLE_RATE, I2S_DATA_BIT_WIDTH_32BIT, I2S_SLOT_MODE_STEREO))
        return false;
    /* On the program's own core the task interrupts it as an interrupt would, and the queue needs no lock. */
    return xTaskCreatePinnedToCore(receive, "microphone", STACK, nullptr, PRIORITY, nullptr, xPortGetCoreID()) ==
           pdPASS;
}

const int16_t *I2SMicrophoneClass::read()
{
    return blocks.take();
}

void I2SMicrophoneClass::sleep()
{
    sleepUnless(hasBlock);
}

uint32_t I2SMicrophoneClass::lost() const
{
    return blocks.lost();
}

#endif
