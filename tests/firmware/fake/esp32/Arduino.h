/* As much of espressif/arduino-esp32, core 3 (cores/esp32/HWCDC.h at 140cb2f, Arduino.h, Print.h, Stream.h,
 * esp32-hal-gpio.h) and of the FreeRTOS in ESP-IDF 5 (freertos/task.h, esp_additions) as the library uses. Names and
 * types are the real ones; a name that is not here does not compile. */
#ifndef Arduino_h
#define Arduino_h

#include <stddef.h>
#include <stdint.h>
#include <unistd.h> /* whose names a core's own headers bring too */

#define OUTPUT 0x03
#define LED_BUILTIN 48 /* its number differs between boards */
static const uint8_t A0 = 0; /* variants/esp32c3/pins_arduino.h at 0622644 */

extern "C" {
unsigned long micros();
unsigned long millis();
void delay(uint32_t ms);
void pinMode(uint8_t pin, uint8_t mode);
void digitalWrite(uint8_t pin, uint8_t val);
}
void setup(void);
void loop(void);

class Print
{
  public:
    virtual ~Print() {}
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
    virtual size_t readBytes(char *buffer, size_t length);
};

class HWCDC : public Stream
{
  public:
    void begin(unsigned long baud = 0);
    int available(void);
    int peek(void);
    int read(void);
    size_t write(uint8_t);
    size_t write(const uint8_t *buffer, size_t size);
    operator bool() const;
};
extern HWCDC HWCDCSerial;
#define Serial HWCDCSerial

typedef int BaseType_t;
typedef unsigned int UBaseType_t;
typedef uint32_t TickType_t;
typedef void (*TaskFunction_t)(void *arg);
typedef struct tskTaskControlBlock *TaskHandle_t;
#define pdPASS ((BaseType_t)1)

extern "C" {
BaseType_t xTaskCreatePinnedToCore(TaskFunction_t pxTaskCode, const char *const pcName, const uint32_t ulStackDepth,
                                   void *const pvParameters, UBaseType_t uxPriority, TaskHandle_t *const pxCreatedTask,
                                   const BaseType_t xCoreID);
BaseType_t xPortGetCoreID(void);
UBaseType_t uxTaskGetStackHighWaterMark(TaskHandle_t xTask);
void vTaskDelay(const TickType_t xTicksToDelay);
}

#endif
