/* For files whose loops run for every sample: compiled for speed, although the Arduino IDE asks for size. */
#ifndef WW_OPTIMIZE_H
#define WW_OPTIMIZE_H

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O2", "no-tree-reassoc")
#endif

/* For a loop that is to be compiled anew for each constant that it is called with. */
#if defined(__GNUC__)
#define WW_INLINE static inline __attribute__((always_inline))
#else
#define WW_INLINE static inline
#endif

/* Makes a compiler take a variable's value for one that it does not know. */
#if defined(__GNUC__)
#define WW_UNKNOWN(variable) __asm__("" : "+r"(variable))
#else
#define WW_UNKNOWN(variable)
#endif

#endif
