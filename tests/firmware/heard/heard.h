/* A sketch on this computer: what its core's drivers do, with a recording as the microphone. The microphone's driver of
 * each core is in a file of its own, which implements the headers in ../fake. */
#ifndef HEARD_H
#define HEARD_H

#include <stdint.h>

/* The next samples of the recording; false at its end. */
bool recorded(int16_t *samples, int count);

/* The driver of the core gives the sketch what it gives at a time. False at the end of the recording. */
bool deliver();

/* A printing sketch's bytes. */
void printed(const uint8_t *bytes, unsigned long count);

/* What a sketch says it has lost. */
uint32_t lost();

#endif
