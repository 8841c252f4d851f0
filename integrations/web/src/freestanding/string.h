/* The part of <string.h> that the core needs. The compiler makes loads and stores of a small copy, and of a large one
 * WebAssembly's own instructions memory.copy and memory.fill (-mbulk-memory), so no function is called. */
#ifndef WW_FREESTANDING_STRING_H
#define WW_FREESTANDING_STRING_H

typedef __SIZE_TYPE__ size_t;

#define memcpy(to, from, size) __builtin_memcpy(to, from, size)
#define memmove(to, from, size) __builtin_memmove(to, from, size)
#define memset(to, value, size) __builtin_memset(to, value, size)

#endif
