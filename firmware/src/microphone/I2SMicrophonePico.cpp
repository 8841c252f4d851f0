/* Raspberry Pi Pico and Pico 2, by Arduino-Pico's I2S library: a state machine of the PIO and two channels of DMA. The
 * library queues complete blocks; its interrupt only counts them here. */
#include "boards.h"

#if defined(WW_ARDUINO_PICO)

#include "../I2SMicrophone.h"
#include "BlockCount.h"
#include "sleep.h"

#include <I2S.h>

I2SMicrophoneClass I2SMicrophone;

namespace
{

const size_t BUFFERS = 8; /* two are being filled; the rest is time that the program may take for something else */
const size_t WORDS = 2 * WW_BLOCK; /* left and right */
BlockCount blocks;
int16_t samples[WW_BLOCK];

I2S &bus() /* made when it is first used, so that a sketch without it has no trace of it */
{
    static I2S bus(INPUT);
    return bus;
}

void received()
{
    blocks.finish();
}

uint32_t waiting()
{
    return static_cast<uint32_t>(bus().available()) / (WORDS * sizeof(int32_t));
}

bool hasBlock()
{
    return waiting() > 0;
}

} // namespace

bool I2SMicrophoneClass::begin(int sck, int ws, int sd)
{
    if (ws != sck + 1 && ws != sck - 1)
        return false;
    if (ws < sck && !bus().swapClocks())
        return false;
    blocks.reset();
    bus().onReceive(received);
    return bus().setBCLK(static_cast<pin_size_t>(ws < sck ? ws : sck)) && bus().setDATA(static_cast<pin_size_t>(sd)) &&
           bus().setBitsPerSample(32) && bus().setBuffers(BUFFERS, WORDS) && bus().begin(WW_SAMPLE_RATE);
}

const int16_t *I2SMicrophoneClass::read()
{
    if (!waiting())
        return 0;
    for (int i = 0; i < WW_BLOCK; i++) {
        int32_t left, right;
        bus().read32(&left, &right);
        samples[i] = static_cast<int16_t>(left / 65536);
    }
    blocks.take();
    return samples;
}

void I2SMicrophoneClass::sleep()
{
    sleepUnless(hasBlock);
}

uint32_t I2SMicrophoneClass::lost() const
{
    return blocks.lost(waiting);
}

#endif
