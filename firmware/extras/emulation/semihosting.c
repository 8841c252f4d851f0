#include "semihosting.h"

#include <string.h>

enum { OPEN = 0x01, WRITE0 = 0x04, WRITE = 0x05, READ = 0x06, EXIT_EXTENDED = 0x20 };
enum { READ_BINARY = 1, WRITE_BINARY = 5 };
#define APPLICATION_EXIT 0x20026u

static int32_t call(uint32_t operation, const void *argument)
{
#if defined(__riscv)
    register uint32_t a0 __asm__("a0") = operation;
    register const void *a1 __asm__("a1") = argument;
    /* The emulator knows the call by these three, uncompressed and in one page. */
    __asm__ volatile(".balign 16\n\t.option push\n\t.option norvc\n\t"
                     "slli zero, zero, 0x1f\n\tebreak\n\tsrai zero, zero, 7\n\t.option pop"
                     : "+r"(a0)
                     : "r"(a1)
                     : "memory");
    return (int32_t)a0;
#else
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return (int32_t)r0;
#endif
}

static int32_t open_file(const char *name, uint32_t mode)
{
    uint32_t block[3];
    block[0] = (uint32_t)name;
    block[1] = mode;
    block[2] = (uint32_t)strlen(name);
    return call(OPEN, block);
}

int32_t semihosting_open_read(const char *name)
{
    return open_file(name, READ_BINARY);
}

int32_t semihosting_open_write(const char *name)
{
    return open_file(name, WRITE_BINARY);
}

uint32_t semihosting_read(int32_t file, void *data, uint32_t size)
{
    uint32_t block[3];
    block[0] = (uint32_t)file;
    block[1] = (uint32_t)data;
    block[2] = size;
    return size - (uint32_t)call(READ, block); /* the call returns the number of missing bytes */
}

void semihosting_write(int32_t file, const void *data, uint32_t size)
{
    uint32_t block[3];
    block[0] = (uint32_t)file;
    block[1] = (uint32_t)data;
    block[2] = size;
    call(WRITE, block);
}

void semihosting_print(const char *text)
{
    call(WRITE0, text);
}

void semihosting_print_number(const char *name, uint32_t number)
{
    char digits[12];
    char *at = digits + sizeof digits - 1;
    *at = 0;
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    semihosting_print(name);
    semihosting_print(" ");
    semihosting_print(at);
    semihosting_print("\n");
}

void semihosting_exit(int status)
{
    uint32_t block[2];
    block[0] = APPLICATION_EXIT;
    block[1] = (uint32_t)status;
    for (;;)
        call(EXIT_EXTENDED, block);
}
