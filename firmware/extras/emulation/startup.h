#ifndef STARTUP_H
#define STARTUP_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of the stack that are unused since reset, and bytes that were used. */
uint32_t stack_free(void);
uint32_t stack_used(void);

#ifdef __cplusplus
}
#endif

#endif
