/* As much of Arduino-Pico 6.0.0 (cores/rp2040/Arduino.h, SerialUSB.h, RP2040Support.h, variants/generic/common.h) as
 * the library uses. Names and types are the real ones; a name that is not here does not compile. */
#ifndef ARDUINO_H
#define ARDUINO_H

#include "../api/ArduinoApi.h"

#define LED_BUILTIN (25u)
static const uint8_t A0 = (26u);
static const uint8_t A3 = (29u);

class SerialUSB : public arduino::HardwareSerial
{
  public:
    void begin(unsigned long baud = 115200) override;
    void begin(unsigned long baud, uint16_t config) override;
    virtual int peek() override;
    virtual int read() override;
    virtual int available() override;
    virtual size_t write(uint8_t c) override;
    virtual size_t write(const uint8_t *p, size_t len) override;
    using Print::write;
    operator bool() override;
};
extern SerialUSB Serial;

class RP2040
{
  public:
    int getFreeStack();
};
extern RP2040 rp2040;

#endif
