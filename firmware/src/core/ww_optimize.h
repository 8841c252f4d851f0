/* For files whose loops run for every sample: compile for speed, although the Arduino IDE asks for size. */
#ifndef WW_OPTIMIZE_H
#define WW_OPTIMIZE_H

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O2", "no-tree-reassoc", "align-loops=16")
#endif

/* For a loop that is compiled for each constant that it is called with, but not in a web page, where size counts. */
#if defined(__GNUC__) && !defined(__wasm__)
#define WW_INLINE static inline __attribute__((always_inline))
#else
#define WW_INLINE static inline
#endif

/* For a function whose variables must leave the stack before the next function runs. */
#if defined(__GNUC__)
#define WW_NOINLINE static __attribute__((noinline))
#else
#define WW_NOINLINE static
#endif

/* For the slowest loops. An MKR1000 waits for each eight bytes of a loop that is longer than its flash cache, and
 * never for its RAM. So there the loops are compiled once, into a section that the linker script of its core puts
 * into RAM; other linker scripts leave it in flash. A Due would fetch them more slowly from RAM than from flash. */
#if defined(__GNUC__) && defined(__ARM_ARCH_6M__)
#define WW_HOT(type) static __attribute__((noinline, long_call, section(".data_code"))) type
#else
#define WW_HOT(type) WW_INLINE type
#endif

/* Hides the value of a variable from the compiler. */
#if defined(__GNUC__)
#define WW_OPAQUE(variable) __asm__("" : "+r"(variable))
#else
#define WW_OPAQUE(variable)
#endif

#endif
