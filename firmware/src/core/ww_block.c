#include "ww_optimize.h"

#include "ww_block.h"

#include "ww_fixed.h"

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

SUM_BY_HAND("ww_sum_block", "ldmia r0!, {r3}", "8", "16", "24");
SUM_BY_HAND("ww_sum_nibbles", "ldrh r3, [r0]\n\tadds r0, #2", "4", "8", "12");
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
    void name(const type *entries, const int16_t *x, int cols, uint32_t sums[4]) \
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

SUM(ww_sum_block, uint32_t, 8)
SUM(ww_sum_nibbles, uint16_t, 4)
#endif
