/* As much of Arduino-Pico 6.0.0 (earlephilhower/arduino-pico at 387294c), libraries/PDM/src/PDM.h as the library
 * uses. */
#pragma once
#include <Arduino.h>

class PDMClass
{
  public:
    PDMClass(int dinPin, int clkPin);
    virtual ~PDMClass();
    void setDIN(int dinPin);
    void setCLK(int clkPin);
    int begin(int channels, int sampleRate);
    virtual int available();
    virtual int read(void *buffer, size_t size);
    void onReceive(void (*)(void));
    void setBufferSize(int bufferSize);
};
extern PDMClass PDM;
