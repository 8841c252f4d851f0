/* For files whose loops run for every sample: compiled for speed, although the Arduino IDE asks for size. */
#ifndef WW_OPTIMIZE_H
#define WW_OPTIMIZE_H

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O2", "no-tree-reassoc", "align-loops=16")
#endif

/* For a loop that is to be compiled anew for each constant that it is called with. */
#if defined(__GNUC__)
#define WW_INLINE static inline __attribute__((always_inline))
#else
#define WW_INLINE static inline
#endif

/* For a function whose variables are to leave the stack before those of the next one come. */
#if defined(__GNUC__)
#define WW_NOINLINE static __attribute__((noinline))
#else
#define WW_NOINLINE static
#endif

/* For the loops that take the longest. An MKR1000 waits for every eighth byte of a loop that is too long for the cache of
 * its flash, and for none of its RAM: there they are compiled once, into a section that its core's linker script puts
 * into RAM; one that does not know it leaves it in flash. A Due would fetch them more slowly from RAM than from flash. */
#if defined(__GNUC__) && defined(__ARM_ARCH_6M__)
#define WW_HOT(type) static __attribute__((noinline, long_call, section(".data_code"))) type
#else
#define WW_HOT(type) WW_INLINE type
#endif

/* Makes a compiler take a variable's value for one that it does not know. */
#if defined(__GNUC__)
#define WW_OPAQUE(variable) __asm__("" : "+r"(variable))
#else
#define WW_OPAQUE(variable)
#endif

#endif
