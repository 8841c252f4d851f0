/* What both boards' Arduino.h offer to a sketch, declared as the real ones declare it. */
#ifndef ARDUINO_FACE_H
#define ARDUINO_FACE_H

#include <stddef.h>
#include <stdint.h>

#define OUTPUT (0x1)
#define LED_BUILTIN (13u) /* its number differs between boards */

extern "C" {
uint32_t micros(void);
uint32_t millis(void);
void delay(uint32_t ms);
void pinMode(uint32_t pin, uint32_t mode);
void digitalWrite(uint32_t pin, uint32_t value);
void setup(void);
void loop(void);
}

class Print
{
  public:
    virtual size_t write(uint8_t byte) = 0;
    virtual size_t write(const uint8_t *buffer, size_t size);
    size_t print(const char text[]);
    size_t print(unsigned long number, int base = 10);
    size_t println(const char text[]);
    size_t println(unsigned long number, int base = 10);
};

class Stream : public Print
{
  public:
    virtual int available() = 0;
    virtual int read() = 0;
};

#endif
