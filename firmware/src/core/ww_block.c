#include "ww_optimize.h"

#include "ww_block.h"

#include "ww_fixed.h"

#if defined(__GNUC__) && defined(__ARM_ARCH_6M__)
/* By hand: only half of this core's registers can do more than add, and compilers leave the others alone. */
__asm__(".syntax unified\n\t.thumb\n\t"
        ".section .text.ww_sum_block, \"ax\", %progbits\n\t.balign 4\n\t"
        ".global ww_sum_block\n\t.type ww_sum_block, %function\n\t.thumb_func\n"
        "ww_sum_block:\n\t" /* r0 entries, r1 x, r2 columns, r3 sums; the sums are made in r6, r8, r9 and r7 */
        "push {r4-r7, lr}\n\tmov r4, r8\n\tmov r5, r9\n\tpush {r3-r5}\n\t"
        "movs r6, #0\n\tmovs r7, #0\n\tmov r8, r6\n\tmov r9, r6\n\t"
        "lsls r2, #1\n\tadds r1, r2\n\tnegs r2, r2\n" /* from minus the length of x up to zero */
        "1:\tldmia r0!, {r3}\n\tldrsh r4, [r1, r2]\n\t"
        "lsrs r5, r3, #8\n\tmuls r5, r4\n\tadd r8, r5\n\t"
        "lsrs r5, r3, #16\n\tmuls r5, r4\n\tadd r9, r5\n\t"
        "lsrs r5, r3, #24\n\tmuls r5, r4\n\tadds r7, r5\n\t"
        "muls r3, r4\n\tadds r6, r3\n\t"
        "adds r2, #2\n\tbmi 1b\n\t"
        "pop {r3-r5}\n\tmov r0, r8\n\tmov r1, r9\n\tmov r8, r4\n\tmov r9, r5\n\t"
        "str r6, [r3]\n\tstr r0, [r3, #4]\n\tstr r1, [r3, #8]\n\tstr r7, [r3, #12]\n\t"
        "pop {r4-r7, pc}\n\t"
        ".size ww_sum_block, . - ww_sum_block\n\t.text\n");
#else
static inline void add_column(uint32_t sums[4], uint32_t column, int16_t x)
{
    uint32_t factor = (uint32_t)(int32_t)x;
    sums[0] += column * factor;
    sums[1] += ww_drop_bits(column, 8) * factor;
    sums[2] += ww_drop_bits(column, 16) * factor;
    sums[3] += ww_drop_bits(column, 24) * factor;
}

void ww_sum_block(const uint32_t *entries, const int16_t *x, int cols, uint32_t sums[4])
{
    uint32_t s[4] = {0, 0, 0, 0};
    if (cols & 1)
        add_column(s, *entries++, *x++);
    for (; cols >= 2; cols -= 2) {
        add_column(s, *entries++, *x++);
        add_column(s, *entries++, *x++);
    }
    sums[0] = s[0];
    sums[1] = s[1];
    sums[2] = s[2];
    sums[3] = s[3];
}
#endif
