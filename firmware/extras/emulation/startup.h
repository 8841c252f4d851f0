#ifndef STARTUP_H
#define STARTUP_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of the stack that nothing has touched since reset, and bytes of it that something has. */
uint32_t stack_free(void);
uint32_t stack_used(void);

#ifdef __cplusplus
}
#endif

#endif
