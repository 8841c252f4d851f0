/* As much of the core of the mbed family (arduino/ArduinoCore-mbed, cores/arduino/USB/PluggableUSBSerial.h at
 * 2f9d2f0, variants/NANO_RP2040_CONNECT/pins_arduino.h at 1b90ad7) as the library uses. Names and types are the real
 * ones; a name that is not here does not compile. */
#ifndef ARDUINO_H
#define ARDUINO_H

#include "../api/ArduinoApi.h"

#define LED_BUILTIN (13u)
static const uint8_t A0 = (14u); /* variants/ARDUINO_NANO33BLE/pins_arduino.h at 0bed256 */
#define PIN_PDM_CLK (23)
#define PIN_PDM_DIN (22)

namespace arduino
{
class USBSerial : public HardwareSerial
{
  public:
    void begin(unsigned long);
    void begin(unsigned long, uint16_t);
    int available(void);
    int peek(void);
    int read(void);
    size_t write(uint8_t);
    size_t write(const uint8_t *, size_t);
    using Print::write;
    operator bool();
};
} // namespace arduino
extern arduino::USBSerial _SerialUSB;
#define SerialUSB _SerialUSB
#define Serial _SerialUSB

#endif
