/* As much of Arduino-Pico 6.0.0 (earlephilhower/arduino-pico at 387294c), libraries/I2S/src/I2S.h as the library
 * uses. */
#pragma once
#include <Arduino.h>

class I2S : public Stream
{
  public:
    I2S(PinMode direction = OUTPUT, pin_size_t bclk = 26, pin_size_t data = 28, pin_size_t mclk = 25,
        pin_size_t data_rx = 22);
    virtual ~I2S();
    bool setBCLK(pin_size_t pin);
    bool setDATA(pin_size_t pin);
    virtual bool setBitsPerSample(int bps);
    virtual bool setBuffers(size_t buffers, size_t bufferWords, int32_t silenceSample = 0);
    virtual bool setFrequency(int newFreq);
    bool swapClocks();
    bool begin(long sampleRate);
    virtual bool begin();
    virtual int available() override;
    virtual int read() override;
    virtual int peek() override;
    virtual size_t write(uint8_t s) override;
    using Print::write;
    bool read32(int32_t *l, int32_t *r);
    void onReceive(void (*)(void));
    void onReceive(void (*)(void *), void *);
};
