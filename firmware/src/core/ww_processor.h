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

/* 1 for a microcontroller that takes assembly of Thumb-2: Cortex-M3, M4, M7, M33 and their like. Not for a Cortex-A, which
 * may not be in Thumb. */
#if defined(__GNUC__) && defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M' && __ARM_ARCH_ISA_THUMB >= 2 && \
    __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define WW_HAS_THUMB2 1
#else
#define WW_HAS_THUMB2 0
#endif

/* 1 for one of these whose DSP instructions multiply twice at once, and round: not for a Cortex-M3. A computer on which
 * WW_DSP is set computes the instructions in C, for the tests. */
#if WW_HAS_THUMB2 && defined(__ARM_FEATURE_DSP)
#define WW_HAS_DSP 1
#else
#define WW_HAS_DSP 0
#endif
#ifndef WW_DSP
#define WW_DSP WW_HAS_DSP
#endif

/* 1 if the matrices of convolutions are in 16 bits (WW_PAIRS in ww_model.h). */
#define WW_UNPACKED (WW_HAS_THUMB2 || WW_DSP)

#endif
