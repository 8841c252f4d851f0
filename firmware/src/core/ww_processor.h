/* What the processor can do. It chooses how a result is computed, and changes no result. */
#ifndef WW_PROCESSOR_H
#define WW_PROCESSOR_H

/* 1 for a processor without long multiplication and without counting of zeros. */
#ifndef WW_SMALL_CORE
#if defined(__ARM_ARCH_6M__) || defined(__AVR__)
#define WW_SMALL_CORE 1
#else
#define WW_SMALL_CORE 0
#endif
#endif

/* 1 for a microcontroller whose DSP instructions multiply twice at once, and round: Cortex-M4, M7, M33 and their like. Not
 * for a Cortex-A, which may not be in Thumb, as the assembly is. A computer on which it is set computes the instructions
 * in C, for the tests. */
#if defined(__GNUC__) && defined(__ARM_FEATURE_DSP) && __ARM_ARCH_PROFILE == 'M' && \
    __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define WW_HAS_DSP 1
#else
#define WW_HAS_DSP 0
#endif
#ifndef WW_DSP
#define WW_DSP WW_HAS_DSP
#endif

#endif
