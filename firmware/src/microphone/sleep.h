/* Sleep until an interrupt, without missing the one that is waited for. */
#ifndef WW_SLEEP_H
#define WW_SLEEP_H

#if defined(ARDUINO_ARCH_ESP32)
#include <Arduino.h>
#endif

/* Let the processor sleep until its next interrupt, unless hasCome() says that there is nothing to wait for. The
 * interrupt may come right behind that answer: it is held back until the processor sleeps, and wakes it at once. Clocks
 * and converters go on. An ESP32 waits for a tick of its operating system, whose idle task sleeps. A processor that is
 * neither does not sleep. */
inline void sleepUnless(bool (*hasCome)())
{
#if defined(ARDUINO_ARCH_ESP32)
    if (!hasCome())
        vTaskDelay(1);
#elif defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M'
    __asm__ volatile("cpsid i" ::: "memory");
    if (!hasCome())
        __asm__ volatile("dsb\n\twfi" ::: "memory");
    __asm__ volatile("cpsie i\n\tisb" ::: "memory");
#else
    (void)hasCome;
#endif
}

#endif
