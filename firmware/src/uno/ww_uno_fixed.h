/* Arithmetic for an 8-bit processor: the only place of the Uno's pipeline that shifts bits. Each function is C for any
 * processor; if C is too slow on an AVR, it has assembly with the same result. featurizer/uno.py is the reference. */
#ifndef WW_UNO_FIXED_H
#define WW_UNO_FIXED_H

#include <stdint.h>

#include "ww_uno_flash.h"

/* a * b. */
static inline int32_t ww_uno_mul(int16_t a, int16_t b)
{
#if defined(__AVR__)
    int32_t product;
    uint8_t zero;
    __asm__("clr %1\n\t"
            "muls %B2, %B3\n\t"
            "movw %C0, r0\n\t"
            "mul %A2, %A3\n\t"
            "movw %A0, r0\n\t"
            "mulsu %B2, %A3\n\t"
            "sbc %D0, %1\n\t"
            "add %B0, r0\n\t"
            "adc %C0, r1\n\t"
            "adc %D0, %1\n\t"
            "mulsu %B3, %A2\n\t"
            "sbc %D0, %1\n\t"
            "add %B0, r0\n\t"
            "adc %C0, r1\n\t"
            "adc %D0, %1\n\t"
            "clr r1"
            : "=&r"(product), "=&r"(zero)
            : "a"(a), "a"(b));
    return product;
#else
    return a * (int32_t)b;
#endif
}

/* sum + a * b. */
static inline int32_t ww_uno_mul_add(int32_t sum, int16_t a, int16_t b)
{
#if defined(__AVR__)
    uint8_t zero;
    __asm__("clr %1\n\t"
            "muls %B2, %B3\n\t"
            "add %C0, r0\n\t"
            "adc %D0, r1\n\t"
            "mul %A2, %A3\n\t"
            "add %A0, r0\n\t"
            "adc %B0, r1\n\t"
            "adc %C0, %1\n\t"
            "adc %D0, %1\n\t"
            "mulsu %B2, %A3\n\t"
            "sbc %D0, %1\n\t"
            "add %B0, r0\n\t"
            "adc %C0, r1\n\t"
            "adc %D0, %1\n\t"
            "mulsu %B3, %A2\n\t"
            "sbc %D0, %1\n\t"
            "add %B0, r0\n\t"
            "adc %C0, r1\n\t"
            "adc %D0, %1\n\t"
            "clr r1"
            : "+r"(sum), "=&r"(zero)
            : "a"(a), "a"(b));
    return sum;
#else
    return sum + a * (int32_t)b;
#endif
}

/* sum - a * b. */
static inline int32_t ww_uno_mul_sub(int32_t sum, int16_t a, int16_t b)
{
#if defined(__AVR__)
    uint8_t zero;
    __asm__("clr %1\n\t"
            "muls %B2, %B3\n\t"
            "sub %C0, r0\n\t"
            "sbc %D0, r1\n\t"
            "mul %A2, %A3\n\t"
            "sub %A0, r0\n\t"
            "sbc %B0, r1\n\t"
            "sbc %C0, %1\n\t"
            "sbc %D0, %1\n\t"
            "mulsu %B2, %A3\n\t"
            "adc %D0, %1\n\t"
            "sub %B0, r0\n\t"
            "sbc %C0, r1\n\t"
            "sbc %D0, %1\n\t"
            "mulsu %B3, %A2\n\t"
            "adc %D0, %1\n\t"
            "sub %B0, r0\n\t"
            "sbc %C0, r1\n\t"
            "sbc %D0, %1\n\t"
            "clr r1"
            : "+r"(sum), "=&r"(zero)
            : "a"(a), "a"(b));
    return sum;
#else
    return sum - a * (int32_t)b;
#endif
}

/* The sum of `count` products of a weight and an x, at least one; of 32 products, |sum| is below 2^28. Products with
 * the upper and with the lower halves of x are summed separately, in 24 bits each. */
static inline int32_t ww_uno_dot(const WW_FLASH int8_t *weights, const int16_t *x, uint8_t count)
{
#if defined(__AVR__)
    int32_t sum, uppers;
    int16_t value;
    int8_t weight;
    __asm__ volatile("clr %A0\n\t"
                     "clr %B0\n\t"
                     "clr %C0\n\t"
                     "clr %A1\n\t"
                     "clr %B1\n\t"
                     "movw %C1, %A1\n\t" /* its upper byte stays zero */
                     "1: lpm %3, Z+\n\t"
                     "ld %A2, X+\n\t"
                     "ld %B2, X+\n\t"
                     "muls %3, %B2\n\t"
                     "sbc %C1, %D1\n\t"
                     "add %A1, r0\n\t"
                     "adc %B1, r1\n\t"
                     "adc %C1, %D1\n\t"
                     "mulsu %3, %A2\n\t"
                     "sbc %C0, %D1\n\t"
                     "add %A0, r0\n\t"
                     "adc %B0, r1\n\t"
                     "adc %C0, %D1\n\t"
                     "dec %6\n\t"
                     "brne 1b\n\t"
                     "clr %D0\n\t"
                     "sbrc %C0, 7\n\t"
                     "com %D0\n\t"
                     "add %B0, %A1\n\t"
                     "adc %C0, %B1\n\t"
                     "adc %D0, %C1\n\t"
                     "clr r1"
                     : "=&r"(sum), "=&r"(uppers), "=&a"(value), "=&a"(weight), "+z"(weights), "+x"(x), "+r"(count)
                     :
                     : "memory");
    return sum;
#else
    int32_t sum = 0;
    for (; count > 0; count--)
        sum += *weights++ * (int32_t)*x++;
    return sum;
#endif
}

/* x * 2^15 + 2^15. Add a product in Q15: the upper half is then half of the sum of x and the product, rounded. */
static inline int32_t ww_uno_in_q15(int16_t x)
{
#if defined(__AVR__)
    int32_t shifted;
    __asm__("clr %A0\n\t"
            "clr %B0\n\t"
            "movw %C0, %1\n\t"
            "asr %D0\n\t"
            "ror %C0\n\t"
            "ror %B0"
            : "=&r"(shifted)
            : "r"(x));
    return shifted + 32768;
#else
    return x * (int32_t)32768 + 32768;
#endif
}

/* x / 2^15, rounded half up. |x| below 2^31 - 2^14. */
static inline int32_t ww_uno_by_q15(int32_t x)
{
    x += 16384;
    return (int16_t)(x >> 16) * (int32_t)2 + (((uint16_t)x & 0x8000u) != 0);
}

static inline int16_t ww_uno_upper_half(int32_t x)
{
    return (int16_t)(x >> 16);
}

/* (a + b) / 2 and (a - b) / 2, rounded half up; neither sum may leave int16. */
static inline int16_t ww_uno_half_sum(int16_t a, int16_t b)
{
    return (int16_t)((a + b + 1) >> 1);
}

static inline int16_t ww_uno_half_difference(int16_t a, int16_t b)
{
    return (int16_t)((a - b + 1) >> 1);
}

/* x * weight / 256, rounded half up. */
static inline int16_t ww_uno_weigh(int16_t x, uint8_t weight)
{
    uint8_t low = (uint8_t)(((uint8_t)x * (uint16_t)weight + 128u) >> 8);
    return (int16_t)((int8_t)(x >> 8) * (int16_t)weight + low);
}

/* x * weight / 256, truncated. */
static inline uint32_t ww_uno_share(uint32_t x, uint8_t weight)
{
#if defined(__AVR__)
    uint32_t share;
    uint8_t zero;
    __asm__("clr %1\n\t"
            "mul %B2, %3\n\t"
            "movw %A0, r0\n\t"
            "mul %D2, %3\n\t"
            "movw %C0, r0\n\t"
            "mul %A2, %3\n\t"
            "add %A0, r1\n\t"
            "adc %B0, %1\n\t"
            "adc %C0, %1\n\t"
            "adc %D0, %1\n\t"
            "mul %C2, %3\n\t"
            "add %B0, r0\n\t"
            "adc %C0, r1\n\t"
            "adc %D0, %1\n\t"
            "clr r1"
            : "=&r"(share), "=&r"(zero)
            : "r"(x), "r"(weight));
    return share;
#else
    return (x >> 8) * weight + ((x & 0xFFu) * weight >> 8);
#endif
}

/* The number of bits of x without leading zeros; 0 for 0. */
static inline uint8_t ww_uno_bit_length(uint16_t x)
{
    uint8_t bits = 0;
    for (; x; x >>= 1)
        bits++;
    return bits;
}

/* 2^n. */
static inline int16_t ww_uno_power_of_two(uint8_t n)
{
    return (int16_t)(1u << n);
}

/* A number from 1 on as 2^exponent (1 + fraction / 64 + ...). */
typedef struct {
    uint8_t exponent, fraction;
} ww_uno_scientific;

static inline ww_uno_scientific ww_uno_to_scientific(uint32_t x)
{
    ww_uno_scientific result = {31, 0};
    for (; !(x & 0xFF000000u); x <<= 8)
        result.exponent = (uint8_t)(result.exponent - 8);
    for (; !(x & 0x80000000u); x <<= 1)
        result.exponent--;
    result.fraction = (uint8_t)(x >> 25) & 63u;
    return result;
}

#endif
