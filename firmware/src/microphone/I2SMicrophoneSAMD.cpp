/* Arduino MKR1000 and its like: an interrupt each time that DMA has filled a buffer. */
#include "boards.h"

#if defined(WW_SAMD21)

#include "../I2SMicrophone.h"
#include "SampleBlocks.h"
#include "sleep.h"

#include <I2S.h>

I2SMicrophoneClass I2SMicrophone;

namespace
{

const int FRAMES = 32; /* in a read, so that the interrupt's stack stays small */
SampleBlocks blocks;

bool hasBlock()
{
    return blocks.hasOne();
}

void received()
{
    int32_t frames[2 * FRAMES];
    int bytes;
    while ((bytes = I2S.read(frames, sizeof frames)) > 0)
        for (int i = 0; i < bytes / static_cast<int>(2 * sizeof *frames); i++)
            blocks.putSlot(frames[2 * i]);
}

} // namespace

bool I2SMicrophoneClass::begin(int sck, int ws, int sd)
{
    if (sck != WW_I2S_SCK || ws != WW_I2S_WS || sd != WW_I2S_SD)
        return false;
    blocks.reset();
    I2S.onReceive(received);
    if (!I2S.begin(I2S_PHILIPS_MODE, WW_SAMPLE_RATE, 32))
        return false;
    I2S.read(); /* the first one starts the reception */
    return true;
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
