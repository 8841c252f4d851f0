/* heard RECORDING EVERY: gives the sketch a turn after every EVERY-th time that the driver delivers, and at the end. */
#include <Arduino.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "heard.h"

static FILE *recording;

bool recorded(int16_t *samples, int count)
{
    return fread(samples, sizeof *samples, static_cast<size_t>(count), recording) == static_cast<size_t>(count);
}

void printed(const uint8_t *bytes, unsigned long count)
{
    fwrite(bytes, 1, count, stdout);
}

size_t Print::write(const uint8_t *buffer, size_t size)
{
    for (size_t i = 0; i < size; i++)
        write(buffer[i]);
    return size;
}

size_t Print::print(const char text[])
{
    return write(reinterpret_cast<const uint8_t *>(text), strlen(text));
}

size_t Print::println(const char text[])
{
    return print(text) + print("\n");
}

size_t Print::print(unsigned long number, int)
{
    char text[24];
    snprintf(text, sizeof text, "%lu", number);
    return print(text);
}

size_t Print::println(unsigned long number, int)
{
    return print(number) + print("\n");
}

#if defined(ARDUINO_ARCH_ESP32) || defined(ARDUINO_ARCH_SAMD) || defined(ARDUINO_NRF52_ADAFRUIT)
void delay(uint32_t) {}
#else
void delay(unsigned long) {}
#endif

/* A board calls loop() again at once, hundreds of times in a block. */
static void turn()
{
    for (int i = 0; i < 10; i++)
        loop();
}

int main(int, char **words)
{
    const int every = atoi(words[2]);
    recording = fopen(words[1], "rb");
    setup();
    for (int times = 1; deliver(); times++)
        if (times % every == 0)
            turn();
    turn();
    fprintf(stderr, "%u\n", static_cast<unsigned>(lost()));
    fflush(stdout);
    _Exit(0); /* a task may still wait for samples */
}
