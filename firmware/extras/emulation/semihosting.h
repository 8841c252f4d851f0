/* Files of the computer that emulates the board, by Arm's semihosting. */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Open a file for reading, or a new one for writing; return its handle, or -1. */
int32_t semihosting_open_read(const char *name);
int32_t semihosting_open_write(const char *name);

/* Read up to size bytes; return the number, 0 at the file's end. */
uint32_t semihosting_read(int32_t file, void *data, uint32_t size);

void semihosting_write(int32_t file, const void *data, uint32_t size);
void semihosting_print(const char *text);
void semihosting_print_number(const char *name, uint32_t number);
void semihosting_exit(int status);

#ifdef __cplusplus
}
#endif

#endif
