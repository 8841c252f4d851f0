/* Two products at once, by DSP instructions if there are any (WW_DSP in ww_processor.h). */
#ifndef WW_DSP_H
#define WW_DSP_H

#include <stdint.h>
#include <string.h>

#include "ww_fixed.h"

/* In assembly, since <arm_acle.h> has the first one only from GCC 10 on (the Nano 33 BLE's compiler is GCC 7), and since
 * compilers don't find the others in C. */
#if WW_HAS_DSP
#define WW_DSP_INSTRUCTION(code, c) \
    uint32_t result; \
    __asm__(code : "=r"(result) : "r"(a), "r"(b)); \
    return result;
#else
#define WW_DSP_INSTRUCTION(code, c) return c;
#endif

/* Adds the products of the lower halves of a and b and of the upper halves, as int16, modulo 2^32. */
static inline uint32_t ww_add_products(uint32_t sum, uint32_t a, uint32_t b)
{
#if WW_HAS_DSP
    uint32_t result;
    __asm__("smlad %0, %1, %2, %3" : "=r"(result) : "r"(a), "r"(b), "r"(sum));
    return result;
#else
    return sum + (uint32_t)(ww_low_half(a) * (int32_t)ww_low_half(b)) +
           (uint32_t)(ww_high_half(a) * (int32_t)ww_high_half(b));
#endif
}

/* The lower halves of a and b side by side, that of a in the lower bits. */
static inline uint32_t ww_lower_halves(uint32_t a, uint32_t b)
{
    WW_DSP_INSTRUCTION("pkhbt %0, %1, %2, lsl #16", ww_join(a, b))
}

/* The upper halves. */
static inline uint32_t ww_upper_halves(uint32_t a, uint32_t b)
{
    WW_DSP_INSTRUCTION("pkhtb %0, %2, %1, asr #16", ww_join(ww_drop_bits(a, 16), ww_drop_bits(b, 16)))
}

/* Two neighbours, the first in the lower half. These processors need no alignment for it. */
static inline uint32_t ww_pair(const void *first)
{
    uint32_t pair;
    memcpy(&pair, first, sizeof pair);
    return pair;
}

/* The entries of four rows in two columns, a pair for each row. */
typedef struct {
    uint32_t first, second, third, fourth;
} ww_four_pairs;

static inline ww_four_pairs ww_load_pairs(const uint32_t *from)
{
    ww_four_pairs pairs;
    memcpy(&pairs, from, sizeof pairs);
    return pairs;
}

/* From two columns of bytes. The mask 0x00FF00FF comes in a register, where it takes its operand shifted. */
static inline ww_four_pairs ww_pairs_of_bytes(uint32_t column, uint32_t next, uint32_t mask)
{
    uint32_t lower = ww_lower_halves(column, next), upper = ww_upper_halves(column, next);
    ww_four_pairs pairs;
    pairs.first = lower & mask;
    pairs.second = ww_drop_bits(lower, 8) & mask;
    pairs.third = upper & mask;
    pairs.fourth = ww_drop_bits(upper, 8) & mask;
    return pairs;
}

/* From two columns of four bits, the first in the lower half. The mask is 0x000F000F. */
static inline ww_four_pairs ww_pairs_of_nibbles(uint32_t columns, uint32_t mask)
{
    ww_four_pairs pairs;
    pairs.first = columns & mask;
    pairs.second = ww_drop_bits(columns, 4) & mask;
    pairs.third = ww_drop_bits(columns, 8) & mask;
    pairs.fourth = ww_drop_bits(columns, 12) & mask;
    return pairs;
}

/* The sums of four rows. */
typedef ww_four_pairs ww_four_sums;

static inline ww_four_sums ww_add_pairs(ww_four_sums sums, ww_four_pairs entries, uint32_t x)
{
    sums.first = ww_add_products(sums.first, entries.first, x);
    sums.second = ww_add_products(sums.second, entries.second, x);
    sums.third = ww_add_products(sums.third, entries.third, x);
    sums.fourth = ww_add_products(sums.fourth, entries.fourth, x);
    return sums;
}

#endif
