#include "boards.h"

#if defined(WW_HAS_PDM)

#include "../PdmMicrophone.h"
#include "SampleBlocks.h"
#include "sleep.h"

#include <PDM.h>

PdmMicrophoneClass PdmMicrophone;

namespace
{

const int PIECE = 64; /* samples in a read, so that the interrupt's stack stays small */
SampleBlocks blocks;

bool hasBlock()
{
    return blocks.hasOne();
}

/* An interrupt. Some cores stop the microphone if it leaves a sample unread. */
void received()
{
    int16_t piece[PIECE];
    int bytes;
    while ((bytes = PDM.read(piece, sizeof piece)) > 0)
        for (int i = 0; i < bytes / static_cast<int>(sizeof *piece); i++)
            blocks.put(piece[i]);
}

} // namespace

bool PdmMicrophoneClass::begin()
{
    blocks.reset();
    PDM.setBufferSize(BLOCK * sizeof(int16_t));
    PDM.onReceive(received);
    return PDM.begin(1, WW_SAMPLE_RATE) == 1;
}

#if defined(WW_ARDUINO_PICO)
bool PdmMicrophoneClass::begin(int clock, int data)
{
    PDM.setCLK(clock);
    PDM.setDIN(data);
    return begin();
}
#endif

const int16_t *PdmMicrophoneClass::read()
{
    return blocks.take();
}

void PdmMicrophoneClass::sleep()
{
    sleepUnless(hasBlock);
}

uint32_t PdmMicrophoneClass::lost() const
{
    return blocks.lost();
}

#endif
