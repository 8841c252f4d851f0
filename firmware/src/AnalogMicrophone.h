/* An analog MEMS microphone at an analog pin, sampled at exactly 16 kHz by a timer and carried to memory by DMA: no
 * instruction of the program decides when a sample is taken, and none is lost while a frame is computed. */
#ifndef ANALOG_MICROPHONE_H
#define ANALOG_MICROPHONE_H

#include <Arduino.h>

#include "microphone/ww_adc.h"
#include "microphone/ww_blocks.h"

class AnalogMicrophoneClass
{
  public:
    static const int BLOCK = WW_BLOCK;

    /* Start sampling; false where the pin has no converter. It takes the converter and a timer for itself: on
     * the Due TC0's channel 0, on the MKR1000 TC3. */
    bool begin(int pin = A0);

    /* BLOCK samples, valid until the next call; null when the next block is not complete. */
    const int16_t *read();

    /* Samples lost so far, because read() was not called for too long. */
    uint32_t lost() const { return _blocks.lost; }

    /* For the interrupt. */
    void blockComplete();

  private:
    ww_blocks _blocks;
    ww_adc _adc;
};

extern AnalogMicrophoneClass AnalogMicrophone;

#endif
