#if defined(ARDUINO_ARCH_SAMD)

#include "../I2SMicrophone.h"

#include <I2S.h>

I2SMicrophoneClass I2SMicrophone;

namespace
{

const int FRAMES = 32; /* in a read, so that the interrupt's stack stays small */

void received()
{
    int32_t frames[2 * FRAMES];
    int bytes;
    while ((bytes = I2S.read(frames, sizeof frames)) > 0)
        I2SMicrophone.receive(frames, bytes / static_cast<int>(2 * sizeof *frames));
}

} // namespace

bool I2SMicrophoneClass::begin()
{
    ww_blocks_reset(&_blocks);
    _count = 0;
    I2S.onReceive(received);
    if (!I2S.begin(I2S_PHILIPS_MODE, WW_SAMPLE_RATE, 32))
        return false;
    I2S.read(); /* the first one starts the reception */
    return true;
}

void I2SMicrophoneClass::receive(const int32_t *frames, int count)
{
    for (int i = 0; i < count; i++) {
        ww_blocks_to_fill(&_blocks, 0)[_count++] = static_cast<int16_t>(frames[2 * i] / 65536);
        if (_count == WW_BLOCK) {
            ww_blocks_complete(&_blocks);
            _count = 0;
        }
    }
}

#endif
