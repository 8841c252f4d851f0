/* As much of ArduinoCore-API (api/Common.h at 01443c3, api/Print.h at 1fa78ea, api/Compat.h, api/Stream.h,
 * api/HardwareSerial.h) as the library uses. The cores of the mbed family and Arduino-Pico are built on it. */
#ifndef ARDUINO_API_H
#define ARDUINO_API_H

#include <stddef.h>
#include <stdint.h>
#include <unistd.h> /* whose names a core's own headers bring too */

typedef enum { LOW = 0, HIGH = 1, CHANGE = 2, FALLING = 3, RISING = 4 } PinStatus;
typedef enum { INPUT = 0x0, OUTPUT = 0x1, INPUT_PULLUP = 0x2, INPUT_PULLDOWN = 0x3, OUTPUT_OPENDRAIN = 0x4 } PinMode;
typedef uint8_t pin_size_t;

extern "C" {
unsigned long millis(void);
unsigned long micros(void);
void delay(unsigned long);
void pinMode(pin_size_t pinNumber, PinMode pinMode);
void digitalWrite(pin_size_t pinNumber, PinStatus status);
void setup(void);
void loop(void);
}
void pinMode(pin_size_t pinNumber, int mode);
void digitalWrite(pin_size_t pinNumber, int status);

namespace arduino
{

class Print
{
  public:
    virtual size_t write(uint8_t) = 0;
    virtual size_t write(const uint8_t *buffer, size_t size);
    size_t print(const char[]);
    size_t print(unsigned long, int = 10);
    size_t println(const char[]);
    size_t println(unsigned long, int = 10);
};

class Stream : public Print
{
  public:
    virtual int available() = 0;
    virtual int read() = 0;
    virtual int peek() = 0;
};

class HardwareSerial : public Stream
{
  public:
    virtual void begin(unsigned long) = 0;
    virtual void begin(unsigned long baudrate, uint16_t config) = 0;
    virtual int available(void) = 0;
    virtual int peek(void) = 0;
    virtual int read(void) = 0;
    virtual size_t write(uint8_t) = 0;
    using Print::write;
    virtual operator bool() = 0;
};

} // namespace arduino

using namespace arduino;

#endif
