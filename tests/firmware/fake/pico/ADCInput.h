/* As much of Arduino-Pico 6.0.0 (earlephilhower/arduino-pico at 387294c), libraries/ADCInput/src/ADCInput.h as the
 * library uses. */
#pragma once
#include <Arduino.h>

class ADCInput : public Stream
{
  public:
    ADCInput(pin_size_t pin0, pin_size_t pin1 = 255, pin_size_t pin2 = 255, pin_size_t pin3 = 255,
             pin_size_t pin4 = 255, pin_size_t pin5 = 255, pin_size_t pin6 = 255, pin_size_t pin7 = 255);
    virtual ~ADCInput();
    bool setBuffers(size_t buffers, size_t bufferWords);
    bool setPins(pin_size_t pin0, pin_size_t pin1 = 255, pin_size_t pin2 = 255, pin_size_t pin3 = 255,
                 pin_size_t pin4 = 255, pin_size_t pin5 = 255, pin_size_t pin6 = 255, pin_size_t pin7 = 255);
    bool begin(long sampleRate);
    bool begin();
    virtual int available() override;
    virtual int read() override;
    virtual int peek() override;
    virtual size_t write(uint8_t x) override;
    using Print::write;
    void onReceive(void (*)(void));
};
