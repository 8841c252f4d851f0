/* What the boards have in common whose converter this library drives itself. */
#include "boards.h"

#if defined(ARDUINO_ARCH_SAM) || defined(WW_SAMD21)

#include "../AnalogMicrophone.h"
#include "sleep.h"

AnalogMicrophoneClass AnalogMicrophone;

const int16_t *AnalogMicrophoneClass::read()
{
    int16_t *block = ww_blocks_take(&_blocks);
    if (block)
        ww_adc_to_samples(&_adc, block, WW_BLOCK);
    return block;
}

bool AnalogMicrophoneClass::hasBlock()
{
    return ww_blocks_has_one(&AnalogMicrophone._blocks);
}

void AnalogMicrophoneClass::sleep()
{
    sleepUnless(hasBlock);
}

uint32_t AnalogMicrophoneClass::lost() const
{
    return _blocks.lost;
}

#endif
