#include "ww_optimize.h"

#include "ww_block.h"

#include "ww_dsp.h"
#include "ww_fixed.h"

#if WW_DSP

/* Two columns at a time: the entries of a row come side by side, as the two numbers of x are. */

/* Adds eight columns at a time, up to where x ends. */
static inline ww_four_sums add_bytes(ww_four_sums s, const uint32_t *entries, const int16_t *x, const int16_t *end,
                                     uint32_t mask)
{
    for (; x != end; x += 4, entries += 4) {
        s = ww_add_pairs(s, ww_pairs_of_bytes(entries[0], entries[1], mask), ww_pair(x));
        s = ww_add_pairs(s, ww_pairs_of_bytes(entries[2], entries[3], mask), ww_pair(x + 2));
    }
    return s;
}

/* In assembly: compilers keep some of this in memory, and separate the loads, which cost a cycle more then. */
static inline ww_four_sums add_nibbles(ww_four_sums s, const uint16_t *entries, const int16_t *x, const int16_t *end,
                                       uint32_t mask)
{
#if defined(__ARM_FEATURE_DSP)
#define ADD(sum, shift, w, x) "and %[t], %[mask], %[" w "]" shift "\n\tsmlad %[" sum "], %[t], %[" x "], %[" sum "]\n\t"
#define ADD_PAIR(w, x) \
    ADD("a", "", w, x) ADD("b", ", lsr #4", w, x) ADD("c", ", lsr #8", w, x) ADD("d", ", lsr #12", w, x)
#define ADD_FOUR_COLUMNS \
    "ldr %[w0], [%[w]], #4\n\tldr %[w1], [%[w]], #4\n\tldr %[x0], [%[x]], #4\n\tldr %[x1], [%[x]], #4\n\t" \
    ADD_PAIR("w0", "x0") ADD_PAIR("w1", "x1")
    uint32_t w0, w1, x0, x1, t;
    if (x != end)
        __asm__("1:\n\t" ADD_FOUR_COLUMNS ADD_FOUR_COLUMNS "cmp %[x], %[end]\n\tbne 1b"
                : [a] "+r"(s.first), [b] "+r"(s.second), [c] "+r"(s.third), [d] "+r"(s.fourth), [w] "+r"(entries),
                  [x] "+r"(x), [w0] "=&r"(w0), [w1] "=&r"(w1), [x0] "=&r"(x0), [x1] "=&r"(x1), [t] "=&r"(t)
                : [end] "r"(end), [mask] "r"(mask)
                : "cc", "memory");
#else
    for (; x != end; x += 2, entries += 2)
        s = ww_add_pairs(s, ww_pairs_of_nibbles(ww_pair(entries), mask), ww_pair(x));
#endif
    return s;
}

/* Adds the last columns, fewer than eight: those that come in pairs, and one. Rare, so it takes no register of the
 * loop. */
#define REST(name, type, PAIRS, LAST) \
    WW_NOINLINE ww_four_sums name(ww_four_sums s, const type *entries, const int16_t *x, int cols, uint32_t mask) \
    { \
        for (; cols >= 2; cols -= 2, entries += 2, x += 2) \
            s = ww_add_pairs(s, PAIRS, ww_pair(x)); \
        return cols ? ww_add_pairs(s, LAST, (uint16_t)*x) : s; \
    }

REST(rest_of_bytes, uint32_t, ww_pairs_of_bytes(entries[0], entries[1], mask), ww_pairs_of_bytes(*entries, 0, mask))
REST(rest_of_nibbles, uint16_t, ww_pairs_of_nibbles(ww_pair(entries), mask), ww_pairs_of_nibbles(*entries, mask))

/* The mask is in a register, where it takes its operand shifted. */
#define ROWS(name, type, place, add, rest, mask_value) \
    void name(ww_product *product, int32_t *y, int blocks) \
    { \
        const int cols = product->matrix->cols, by_eight = cols & ~7, shift = product->matrix->shift; \
        const int32_t *end = y + 4 * blocks; \
        const int16_t *x = product->x; \
        const type *entries = product->at.place; \
        uint32_t mask = mask_value; \
        WW_OPAQUE(mask); \
        for (; y != end; entries += cols, y += 4) { \
            const uint32_t offset = product->offset; \
            ww_four_sums s = {offset, offset, offset, offset}; \
            s = add(s, entries, x, x + by_eight, mask); \
            if (by_eight != cols) \
                s = rest(s, entries + by_eight, x + by_eight, cols - by_eight, mask); \
            y[0] = ww_floor((int32_t)s.first, shift); \
            y[1] = ww_floor((int32_t)s.second, shift); \
            y[2] = ww_floor((int32_t)s.third, shift); \
            y[3] = ww_floor((int32_t)s.fourth, shift); \
        } \
        product->at.place = entries; \
    }

ROWS(ww_rows_of_bytes, uint32_t, block, add_bytes, rest_of_bytes, 0x00FF00FFu)
ROWS(ww_rows_of_nibbles, uint16_t, nibbles, add_nibbles, rest_of_nibbles, 0x000F000Fu)

#else

/* A column of four entries is multiplied whole, which saves taking it apart. So each of the four sums, modulo 2^32, but
 * the last contains the sums of the rows behind its own: times 256, 65536... if the entries are bytes, times 16, 256...
 * if they have four bits. They are separated at the end. */

#if defined(__GNUC__) && defined(__ARM_ARCH_6M__)
/* In assembly: half of this core's registers can only add, and compilers don't use them. r0 entries, r1 x, r2
 * columns, r3 sums; the sums accumulate in r6, r8, r9 and r7. `load` loads a column's entries to r3 and advances r0;
 * the shifts bring down the entries of the second, third and fourth row. */
#define SUM_BY_HAND(name, load, second, third, fourth) \
    __asm__(".syntax unified\n\t.thumb\n\t" \
            ".section .text." name ", \"ax\", %progbits\n\t.balign 4\n\t" \
            ".global " name "\n\t.type " name ", %function\n\t.thumb_func\n" name ":\n\t" \
            "push {r4-r7, lr}\n\tmov r4, r8\n\tmov r5, r9\n\tpush {r3-r5}\n\t" \
            "movs r6, #0\n\tmovs r7, #0\n\tmov r8, r6\n\tmov r9, r6\n\t" \
            "lsls r2, #1\n\tadds r1, r2\n\tnegs r2, r2\n" /* from minus the length of x up to zero */ \
            "1:\t" load "\n\tldrsh r4, [r1, r2]\n\t" \
            "lsrs r5, r3, #" second "\n\tmuls r5, r4\n\tadd r8, r5\n\t" \
            "lsrs r5, r3, #" third "\n\tmuls r5, r4\n\tadd r9, r5\n\t" \
            "lsrs r5, r3, #" fourth "\n\tmuls r5, r4\n\tadds r7, r5\n\t" \
            "muls r3, r4\n\tadds r6, r3\n\t" \
            "adds r2, #2\n\tbmi 1b\n\t" \
            "pop {r3-r5}\n\tmov r0, r8\n\tmov r1, r9\n\tmov r8, r4\n\tmov r9, r5\n\t" \
            "str r6, [r3]\n\tstr r0, [r3, #4]\n\tstr r1, [r3, #8]\n\tstr r7, [r3, #12]\n\t" \
            "pop {r4-r7, pc}\n\t" \
            ".size " name ", . - " name "\n\t.text\n")

SUM_BY_HAND("ww_sum_bytes", "ldmia r0!, {r3}", "8", "16", "24");
SUM_BY_HAND("ww_sum_nibbles", "ldrh r3, [r0]\n\tadds r0, #2", "4", "8", "12");
void ww_sum_bytes(const uint32_t *entries, const int16_t *x, int cols, uint32_t sums[4]);
void ww_sum_nibbles(const uint16_t *entries, const int16_t *x, int cols, uint32_t sums[4]);
#else
static inline void add_column(uint32_t sums[4], uint32_t column, int bits, int16_t x)
{
    uint32_t factor = (uint32_t)(int32_t)x;
    sums[0] += column * factor;
    sums[1] += ww_drop_bits(column, bits) * factor;
    sums[2] += ww_drop_bits(column, 2 * bits) * factor;
    sums[3] += ww_drop_bits(column, 3 * bits) * factor;
}

#define SUM(name, type, bits) \
    WW_NOINLINE void name(const type *entries, const int16_t *x, int cols, uint32_t sums[4]) \
    { \
        uint32_t s[4] = {0, 0, 0, 0}; \
        if (cols & 1) \
            add_column(s, *entries++, bits, *x++); \
        for (; cols >= 2; cols -= 2) { \
            add_column(s, *entries++, bits, *x++); \
            add_column(s, *entries++, bits, *x++); \
        } \
        sums[0] = s[0]; \
        sums[1] = s[1]; \
        sums[2] = s[2]; \
        sums[3] = s[3]; \
    }

SUM(ww_sum_bytes, uint32_t, 8)
SUM(ww_sum_nibbles, uint16_t, 4)
#endif

#define ROWS(name, type, place, sum, radix) \
    void name(ww_product *product, int32_t *y, int blocks) \
    { \
        const int cols = product->matrix->cols, shift = product->matrix->shift; \
        const uint32_t offset = product->offset; \
        for (; blocks > 0; blocks--, y += 4) { \
            uint32_t sums[4]; \
            sum(product->at.place, product->x, cols, sums); \
            product->at.place += cols; \
            y[0] = ww_floor((int32_t)(sums[0] - sums[1] * radix + offset), shift); \
            y[1] = ww_floor((int32_t)(sums[1] - sums[2] * radix + offset), shift); \
            y[2] = ww_floor((int32_t)(sums[2] - sums[3] * radix + offset), shift); \
            y[3] = ww_floor((int32_t)(sums[3] + offset), shift); \
        } \
    }

ROWS(ww_rows_of_bytes, uint32_t, block, ww_sum_bytes, 256u)
ROWS(ww_rows_of_nibbles, uint16_t, nibbles, ww_sum_nibbles, 16u)

#endif
