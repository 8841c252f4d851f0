/* The board's end of `wakeword listen --serial`, `wakeword selftest` and `wakeword flash`: link/ww_device.h at an
 * Arduino's Serial. */
#ifndef WAKEWORD_LINK_H
#define WAKEWORD_LINK_H

#include <Arduino.h>

#include "WakeWord.h"
#include "link/ww_device.h"

class WakeWordLinkClass
{
  public:
    /* Begin with this model alone, and send hello. Begin the serial port first. `wakeword selftest` tests this model. */
    void begin(Stream &serial, const ww_model &model, const char *const *labels, uint32_t modelId);

    /* Hear one more model, always or as commands, as WakeWord.h says; its words are sent too. */
    void add(WakeWordModel &further, const ww_model &model, const char *const *labels);
    void then(WakeWordModel &command, const ww_model &model, const char *const *labels, uint16_t seconds = 5);

    /* Take samples of the microphone. */
    void push(const int16_t *samples, uint32_t count);

    /* Take what the host has sent, at most one message, and send the board's health each second. Call it in each loop().
     * lost: samples that the microphone lost so far. */
    void poll(uint32_t lost);

  private:
    ww_device _device;
    Stream *_serial;
    uint32_t _busiest;
};

extern WakeWordLinkClass WakeWordLink;

#endif
