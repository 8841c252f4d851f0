/* Fixed-point arithmetic: the only place in C that shifts bits right. featurizer/fixed.py is its twin.
 *
 * Rounding is always half up: floor(x / 2^n + 1/2). A right shift of a negative number must be arithmetic, as GCC
 * documents. docs/arithmetic.md is the specification.
 */
#ifndef WW_FIXED_H
#define WW_FIXED_H

#include <stdint.h>
#include <string.h>

#include "ww_processor.h"
#include "ww_tables.h"

#define WW_ONE_Q12 4096
#define WW_ONE_Q15 32768
#define WW_LOG2_E_Q10 1477 /* log2(e), to turn logits into powers of two */

/* x / 2^n rounded half up, 0 <= n <= 31. The last bit is added after the shift, so that nothing overflows. */
static inline int32_t ww_rshift(int32_t x, int n)
{
    return n == 0 ? x : (x >> n) + ((x >> (n - 1)) & 1);
}

/* The same in two shifts, for n >= 1 and x below INT32_MAX. */
static inline int32_t ww_rshift_some(int32_t x, int n)
{
    return ((x >> (n - 1)) + 1) >> 1;
}

/* The same for |x| <= 2^30, with half = ww_half(n), which a loop computes once. */
static inline int32_t ww_half(int n)
{
    return n == 0 ? 0 : (int32_t)1 << (n - 1);
}

static inline int32_t ww_rshift_with(int32_t x, int n, int32_t half)
{
    return (x + half) >> n;
}

/* x / 2^n rounded down. */
static inline int32_t ww_floor(int32_t x, int n)
{
    return x >> n;
}

/* x / 2^n for n of either sign: a rounding right shift, or an exact left shift, which must not overflow. */
static inline int32_t ww_shift(int32_t x, int n)
{
    return n >= 0 ? ww_rshift(x, n) : x * (int32_t)(1u << -n);
}

static inline int32_t ww_clamp(int32_t x, int32_t low, int32_t high)
{
    return x < low ? low : x > high ? high : x;
}

/* In assembly where one instruction does it, which compilers don't find. */
static inline int16_t ww_saturate16(int32_t x)
{
#if defined(__GNUC__) && defined(__ARM_FEATURE_SAT)
    int32_t result;
    __asm__("ssat %0, #16, %1" : "=r"(result) : "r"(x));
    return (int16_t)result;
#else
    return (int16_t)ww_clamp(x, INT16_MIN, INT16_MAX);
#endif
}

/* The same, and 0 for a negative number. */
static inline int16_t ww_positive16(int32_t x)
{
#if defined(__GNUC__) && defined(__ARM_FEATURE_SAT)
    int32_t result;
    __asm__("usat %0, #15, %1" : "=r"(result) : "r"(x));
    return (int16_t)result;
#else
    return (int16_t)ww_clamp(x, 0, INT16_MAX);
#endif
}

/* a * w / 2^15 rounded half up; any a with |w| < 2^15, or |a| <= 2^30 with any w, in Q15. In halves of 16 bits, so
 * that a core without a long multiplication (Cortex-M0+) does it in two short ones. */
static inline int32_t ww_mul_q15(int32_t a, int16_t w)
{
    int32_t high = a >> 16;
    int32_t low = a & 0xFFFF;
    return high * w * 2 + ((low * w + 0x4000) >> 15);
}

#if WW_DSP
/* sum + a * w / 2^15, the product rounded as by `ww_mul_q15`; |a| below 2^30. In assembly, since compilers don't find
 * the instruction. */
static inline int32_t ww_add_mul_q15(int32_t sum, int32_t a, int16_t w)
{
    int32_t upper = (int32_t)((uint32_t)w << 16);
#if WW_HAS_DSP
    int32_t result;
    __asm__("smmlar %0, %1, %2, %3" : "=r"(result) : "r"(2 * a), "r"(upper), "r"(sum));
    return result;
#else
    return sum + (int32_t)((2 * (int64_t)a * upper + 0x80000000) >> 32);
#endif
}
#endif

/* a * v + b * w and a * v - b * w in Q15, each product rounded as by `ww_mul_q15`. The products of the upper halves are
 * added before they are doubled. |a| and |b| below 2^30. */
static inline int32_t ww_mul_add_q15(int32_t a, int16_t v, int32_t b, int16_t w)
{
#if WW_DSP
    return ww_add_mul_q15(ww_add_mul_q15(0, a, v), b, w);
#else
    int32_t highs = (a >> 16) * v + (b >> 16) * w;
    return highs * 2 + (((a & 0xFFFF) * v + 0x4000) >> 15) + (((b & 0xFFFF) * w + 0x4000) >> 15);
#endif
}

static inline int32_t ww_mul_sub_q15(int32_t a, int16_t v, int32_t b, int16_t w)
{
#if WW_DSP
    return ww_add_mul_q15(0, a, v) - ww_add_mul_q15(0, b, w);
#else
    int32_t highs = (a >> 16) * v - (b >> 16) * w;
    return highs * 2 + (((a & 0xFFFF) * v + 0x4000) >> 15) - (((b & 0xFFFF) * w + 0x4000) >> 15);
#endif
}

/* -a * v - -b * w in Q15: the products of `ww_mul_sub_q15` with the other sign, so that ties round the other way. */
static inline int32_t ww_mul_sub_negated_q15(int32_t a, int16_t v, int32_t b, int16_t w)
{
#if WW_DSP
    return ww_add_mul_q15(0, -a, v) - ww_add_mul_q15(0, -b, w);
#else
    int32_t highs = (a >> 16) * v - (b >> 16) * w;
    return (((b & 0xFFFF) * w + 0x3FFF) >> 15) - (((a & 0xFFFF) * v + 0x3FFF) >> 15) - highs * 2;
#endif
}

/* a * a + b * b for |a| and |b| below 2^30. A small core, on which a long multiplication is a library call, multiplies
 * halves of 16 bits, the lower ones signed. */
static inline uint64_t ww_sum_of_squares(int32_t a, int32_t b)
{
#if WW_SMALL_CORE
    int32_t a_low = (int16_t)a, a_high = (a - a_low) >> 16;
    int32_t b_low = (int16_t)b, b_high = (b - b_low) >> 16;
    uint32_t highs = (uint32_t)(a_high * a_high) + (uint32_t)(b_high * b_high);
    int32_t middles = a_high * a_low + b_high * b_low; /* twice these, times 2^16 */
    uint32_t lows = (uint32_t)(a_low * a_low) + (uint32_t)(b_low * b_low);
    return ((uint64_t)(highs + (uint32_t)(middles >> 15)) << 32 | (uint32_t)middles << 17) + lows;
#else
    return (uint64_t)((int64_t)a * a + (int64_t)b * b);
#endif
}

/* The two halves of a word, as int16. */
static inline int16_t ww_low_half(uint32_t word)
{
    return (int16_t)word;
}

static inline int16_t ww_high_half(uint32_t word)
{
    return (int16_t)(word >> 16);
}

/* The lower halves of two words, that of a in the lower bits. */
static inline uint32_t ww_join(uint32_t a, uint32_t b)
{
    return (a & 0xFFFFu) | b << 16;
}

/* A sum of products x * w, which stays within 64 bits; up to 2^16 of them. */
typedef struct {
#if WW_SMALL_CORE
    uint32_t high, middle, low; /* times 2^32, 2^16 and 1; a product adds 16 bits to each of the lower two */
#else
    uint64_t sum;
#endif
} ww_long_sum;

static inline void ww_add_product(ww_long_sum *sum, uint64_t x, uint16_t w)
{
#if WW_SMALL_CORE
    uint32_t word = (uint32_t)x;
    uint32_t low = (uint16_t)word * (uint32_t)w;
    uint32_t middle = (word >> 16) * w + (low >> 16);
    sum->low += (uint16_t)low;
    sum->middle += (uint16_t)middle;
    sum->high += (uint32_t)(x >> 32) * w + (middle >> 16);
#else
    sum->sum += x * w;
#endif
}

static inline uint64_t ww_total(const ww_long_sum *sum)
{
#if WW_SMALL_CORE
    return ((uint64_t)sum->high << 32) + ((uint64_t)sum->middle << 16) + sum->low;
#else
    return sum->sum;
#endif
}

/* The number of bits of x without leading zeros; 0 for 0. */
static inline int ww_bit_length(uint32_t x)
{
    return x == 0 ? 0 : 32 - __builtin_clzl(x) + (int)(8 * sizeof(long) - 32);
}

/* log2(x) in Q15, 1 <= x < 2^63. */
static inline int32_t ww_log2_q15(uint64_t x)
{
    uint32_t high = (uint32_t)(x >> 32);
    int exponent = (high ? 32 + ww_bit_length(high) : ww_bit_length((uint32_t)x)) - 1;
    uint32_t mantissa = (uint32_t)(exponent > 16 ? x >> (exponent - 16) : x << (16 - exponent));
    uint32_t fraction = mantissa & 0xFFFFu; /* Q16, the leading one dropped */
    uint32_t index = fraction >> (16 - WW_LOG2_BITS);
    int32_t rest = (int32_t)(fraction & ((1u << (16 - WW_LOG2_BITS)) - 1u));
    int32_t left = ww_log2_table[index];
    int32_t right = ww_log2_table[index + 1];
    return exponent * WW_ONE_Q15 + left + ww_rshift((right - left) * rest, 16 - WW_LOG2_BITS);
}

/* 2^x in Q15 for x <= 0 in Q10. */
static inline int32_t ww_exp2_q15(int32_t x)
{
    int32_t whole = -(x >> 10);
    int32_t fraction = x & 1023;
    int32_t index = fraction >> (10 - WW_EXP2_BITS);
    int32_t rest = fraction & ((1 << (10 - WW_EXP2_BITS)) - 1);
    int32_t left = ww_exp2_table[index];
    int32_t right = ww_exp2_table[index + 1];
    int32_t value = left + ww_rshift((right - left) * rest, 10 - WW_EXP2_BITS);
    return ww_rshift(value, whole < 31 ? (int)whole : 31);
}

/* Hard sigmoid max(0, min(1, 1/2 + x/4)): Q12 to Q15, 0 to 32768, and no more than `limit`, an even number. x need not be
 * saturated before, here and in the hard tanh: beyond int16 the results are the same. */
static inline int32_t ww_limited_sigmoid_q15(int32_t x, int32_t limit)
{
    const int32_t half = limit >> 1;
    x += 2 * (int32_t)WW_ONE_Q12;
    x = x < half ? x : half; /* without a jump, which compilers make of ww_clamp here */
    return (x > 0 ? x : 0) * 2;
}

static inline int32_t ww_sigmoid_q15(int32_t x)
{
    return ww_limited_sigmoid_q15(x, WW_ONE_Q15);
}

/* Hard tanh max(-1, min(1, x)): Q12 to Q12. */
static inline int32_t ww_tanh_q12(int32_t x)
{
    return ww_clamp(x, -WW_ONE_Q12, WW_ONE_Q12);
}

/* Softmax of `count` logits, Q10, to posteriors, Q15, 0 to 32767. The quotient is truncated. */
static inline void ww_softmax_q15(const int16_t *logits, int16_t *posteriors, int count)
{
    int32_t sum = 0;
    int16_t top = logits[0];
    int i;
    for (i = 1; i < count; i++)
        if (logits[i] > top)
            top = logits[i];
    /* The powers are computed twice: they don't fit into the posteriors, and a buffer would cost RAM. */
    for (i = 0; i < count; i++)
        sum += ww_exp2_q15(ww_rshift(((int32_t)logits[i] - top) * WW_LOG2_E_Q10, 10));
    for (i = 0; i < count; i++) {
        int32_t power = ww_exp2_q15(ww_rshift(((int32_t)logits[i] - top) * WW_LOG2_E_Q10, 10));
        uint32_t quotient = ((uint32_t)power << 15) / (uint32_t)sum;
        posteriors[i] = (int16_t)(quotient < INT16_MAX ? quotient : INT16_MAX);
    }
}

/* Bit i of a bitmap, least significant bit of each byte first. */
static inline int ww_bit(const uint8_t *bitmap, uint32_t i)
{
    return (bitmap[i >> 3] >> (i & 7u)) & 1;
}

#define WW_BIT(i) ((uint32_t)1 << (i))
#define WW_TOP_BIT(i) (0x80000000u >> (i))

static inline uint32_t ww_drop_bits(uint32_t bits, int count)
{
    return bits >> count;
}

static inline uint32_t ww_bytes_of_bits(uint32_t bits)
{
    return (bits + 7) >> 3;
}

/* Four bytes as a word, the first in the lowest bits; the address needs no alignment. */
static inline uint32_t ww_word(const uint8_t *bytes)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
#else
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
#endif
}

/* The lowest `count` bits, or all 32 if there are fewer, in reverse order: the lowest becomes the highest. */
static inline uint32_t ww_first_bits(uint32_t bits, int count)
{
#if defined(__ARM_ARCH_ISA_THUMB) && __ARM_ARCH_ISA_THUMB >= 2
    __asm__("rbit %0, %1" : "=r"(bits) : "r"(bits));
#else
    bits = (bits >> 1 & 0x55555555u) | (bits & 0x55555555u) << 1;
    bits = (bits >> 2 & 0x33333333u) | (bits & 0x33333333u) << 2;
    bits = (bits >> 4 & 0x0F0F0F0Fu) | (bits & 0x0F0F0F0Fu) << 4;
    bits = __builtin_bswap32(bits);
#endif
    return count < 32 ? bits & ~(0xFFFFFFFFu >> count) : bits;
}

/* The number of leading zeros; bits must not be zero. */
static inline int ww_leading_zeros(uint32_t bits)
{
    return __builtin_clzl(bits) - (int)(8 * sizeof(long) - 32);
}

#endif
