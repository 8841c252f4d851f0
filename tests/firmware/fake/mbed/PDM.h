/* As much of arduino/ArduinoCore-mbed, libraries/PDM/src/PDM.h at 0569965 as the library uses. Seeed's mbed core for
 * the XIAO is made from it. */
#ifndef _PDM_H_INCLUDED
#define _PDM_H_INCLUDED

#include <Arduino.h>

class PDMClass
{
  public:
    PDMClass(int dinPin, int clkPin, int pwrPin);
    virtual ~PDMClass();
    int begin(int channels, int sampleRate);
    virtual int available();
    virtual int read(void *buffer, size_t size);
    void onReceive(void (*)(void));
    void setBufferSize(int bufferSize);
};
extern PDMClass PDM;

#endif
