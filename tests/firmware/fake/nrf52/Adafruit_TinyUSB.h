/* As much of adafruit/Adafruit_TinyUSB_Arduino, src/arduino/Adafruit_USBD_CDC.h at 0165c9e as the library uses. */
#ifndef ADAFRUIT_TINYUSB_H
#define ADAFRUIT_TINYUSB_H

#include <Arduino.h>

class Adafruit_USBD_CDC : public Stream
{
  public:
    void begin(uint32_t baud);
    virtual int available(void);
    virtual int read(void);
    virtual size_t write(uint8_t);
    virtual size_t write(const uint8_t *buffer, size_t size);
    using Print::write;
    operator bool();
};
extern Adafruit_USBD_CDC Serial;

#endif
