/* Each core's serial port over USB: a sketch's output is the program's. */
#include <Arduino.h>

#include "heard.h"

#if defined(ARDUINO_NRF52_ADAFRUIT)
Adafruit_USBD_CDC Serial;
#define PORT Adafruit_USBD_CDC
void PORT::begin(uint32_t) {}
#elif defined(ARDUINO_ARCH_SAMD)
Serial_ SerialUSB;
#define PORT Serial_
void PORT::begin(uint32_t) {}
#elif defined(ARDUINO_ARCH_MBED)
arduino::USBSerial _SerialUSB;
#define PORT USBSerial
void PORT::begin(unsigned long) {}
void PORT::begin(unsigned long, uint16_t) {}
PORT::operator bool() { return true; }
int PORT::peek() { return -1; }
#elif defined(ARDUINO_ARCH_RP2040)
class SerialUSB Serial;
RP2040 rp2040;
#define PORT SerialUSB
void PORT::begin(unsigned long) {}
void PORT::begin(unsigned long, uint16_t) {}
PORT::operator bool() { return true; }
int PORT::peek() { return -1; }
#else
HWCDC HWCDCSerial;
#define PORT HWCDC
void PORT::begin(unsigned long) {}
int PORT::peek() { return -1; }
#endif

int PORT::available() { return 0; }
int PORT::read() { return -1; }
size_t PORT::write(uint8_t byte) { return write(&byte, 1); }
size_t PORT::write(const uint8_t *buffer, size_t size)
{
    printed(buffer, size);
    return size;
}
