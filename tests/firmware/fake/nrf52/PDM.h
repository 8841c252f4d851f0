/* As much of adafruit/Adafruit_nRF52_Arduino, libraries/PDM/src/PDM.h at 00d0801 as the library uses. */
#ifndef _PDM_H_INCLUDED
#define _PDM_H_INCLUDED

#include <Adafruit_TinyUSB.h>
#include <Arduino.h>

class PDMClass
{
  public:
    PDMClass(int dataPin, int clkPin, int pwrPin);
    virtual ~PDMClass();
    void setPins(int dataPin, int clkPin, int pwrPin);
    int begin(int channels, long sampleRate);
    virtual int available();
    virtual int read(void *buffer, size_t size);
    void onReceive(void (*)(void));
    void setBufferSize(int bufferSize);
};
extern PDMClass PDM;

#endif
