#include "../AnalogMicrophone.h"

AnalogMicrophoneClass AnalogMicrophone;

const int16_t *AnalogMicrophoneClass::read()
{
    int16_t *block = ww_blocks_take(&_blocks);
    if (block)
        ww_adc_to_samples(&_adc, block, WW_BLOCK);
    return block;
}
