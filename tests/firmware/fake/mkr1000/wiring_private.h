#include <Arduino.h>

extern "C" int pinPeripheral(uint32_t pin, EPioType peripheral);
