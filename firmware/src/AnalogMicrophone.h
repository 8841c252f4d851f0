/* An analog MEMS microphone at an analog pin. A timer samples it at exactly 16 kHz, and DMA moves the samples to
 * memory, so the program changes the time of no sample, and loses none while it computes a frame. */
#ifndef ANALOG_MICROPHONE_H
#define ANALOG_MICROPHONE_H

#include "microphone/BlockCount.h"
#include "microphone/boards.h"
#include "microphone/ww_adc.h"
#include "microphone/ww_blocks.h"

#if !defined(WW_HAS_ANALOG)
#error "AnalogMicrophone does not know this board: read the microphone yourself and give its samples to WakeWord.push()"
#endif

class AnalogMicrophoneClass
{
  public:
    static const int BLOCK = WW_BLOCK;

    /* Start sampling; false if the pin has no converter. The converter and a timer are then in use: on the Due TC0's
     * channel 0, on the MKR1000 TC3. A Pico's converter has a clock of its own. */
    bool begin(int pin = A0);

    /* BLOCK samples, valid until the next call; null if the next block is not complete. */
    const int16_t *read();

    /* Let the processor sleep until its next interrupt, unless a block is complete. For a loop() that has no samples. */
    void sleep();

    /* Samples lost so far because read() was called too late. */
    uint32_t lost() const;

    /* For the interrupt. */
    void blockComplete();

  private:
#if defined(WW_ARDUINO_PICO) /* the core's driver queues the blocks */
    BlockCount _count;
    int16_t _samples[WW_BLOCK];
#else
    static bool hasBlock();

    ww_blocks _blocks;
#endif
    ww_adc _adc;
};

extern AnalogMicrophoneClass AnalogMicrophone;

#endif
