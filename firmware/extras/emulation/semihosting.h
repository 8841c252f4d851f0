/* Files of the machine that emulates the board, by Arm's semihosting. */
#ifndef SEMIHOSTING_H
#define SEMIHOSTING_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A file for reading, or anew for writing; its handle, or -1. */
int32_t semihosting_open_read(const char *name);
int32_t semihosting_open_write(const char *name);

/* Up to size bytes; how many were read, 0 at the file's end. */
uint32_t semihosting_read(int32_t file, void *data, uint32_t size);

void semihosting_write(int32_t file, const void *data, uint32_t size);
void semihosting_print(const char *text);
void semihosting_print_number(const char *name, uint32_t number);
void semihosting_exit(int status);

#ifdef __cplusplus
}
#endif

#endif
