/* A WAV file of int16 samples, mono, with the plain header of 44 bytes. */
#ifndef WAV_H
#define WAV_H

#include <stdint.h>
#include <string.h>

#include "semihosting.h"

/* Opens the file at its first sample; ends the program if it is no such file. */
static inline int32_t wav_open(const char *name)
{
    char header[44];
    int32_t file = semihosting_open_read(name);
    if (file >= 0 && semihosting_read(file, header, sizeof header) == sizeof header &&
        memcmp(header, "RIFF", 4) == 0 && memcmp(header + 36, "data", 4) == 0)
        return file;
    semihosting_print("no WAV file with a plain header\n");
    semihosting_exit(2);
    return -1;
}

static inline uint32_t wav_read(int32_t file, int16_t *samples, uint32_t count)
{
    return semihosting_read(file, samples, count * (uint32_t)sizeof *samples) / (uint32_t)sizeof *samples;
}

#endif
