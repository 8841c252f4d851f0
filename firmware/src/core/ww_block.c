#include "ww_optimize.h"

#include "ww_block.h"

#include "ww_dsp.h"
#include "ww_fixed.h"

#if WW_DSP

/* Two columns at a time: the entries of a row come side by side, as the two numbers of x are. The mask is in a register,
 * where it takes its operand shifted. */

static inline void finish(ww_four_sums sums, int shift, int32_t *y)
{
    y[0] = ww_floor((int32_t)sums.first, shift);
    y[1] = ww_floor((int32_t)sums.second, shift);
    y[2] = ww_floor((int32_t)sums.third, shift);
    y[3] = ww_floor((int32_t)sums.fourth, shift);
}

#define ROWS(linkage, name, type, place, pairs, last, mask_value) \
    linkage void name(ww_product *product, int32_t *y, int blocks) \
    { \
        const int shift = product->matrix->shift; \
        const uint32_t offset = product->offset; \
        const type *entries = product->at.place; \
        uint32_t mask = mask_value; \
        WW_OPAQUE(mask); \
        for (; blocks > 0; blocks--, y += 4) { \
            ww_four_sums s = {offset, offset, offset, offset}; \
            const int16_t *x = product->x, *end = x + (product->matrix->cols & ~1); \
            for (; x != end; x += 2, entries += 2) \
                s = ww_add_pairs(s, pairs, ww_pair(x)); \
            if (product->matrix->cols & 1) { \
                s = ww_add_pairs(s, last, (uint16_t)*x); \
                entries++; \
            } \
            finish(s, shift, y); \
        } \
        product->at.place = entries; \
    }

ROWS(, ww_rows_of_bytes, uint32_t, block, ww_pairs_of_bytes(entries[0], entries[1], mask),
     ww_pairs_of_bytes(*entries, 0, mask), 0x00FF00FFu)
ROWS(WW_NOINLINE, rows_of_nibbles, uint16_t, nibbles, ww_pairs_of_nibbles(ww_pair(entries), mask),
     ww_pairs_of_nibbles(*entries, mask), 0x000F000Fu)

#if WW_HAS_DSP
/* Blocks of nibbles whose columns are a multiple of eight. */
typedef struct {
    const int16_t *x, *end;
    uint32_t offset, shift;
    int32_t *y_end;
} nibbles_by;

const uint16_t *ww_nibbles_by_eight(const uint16_t *entries, int32_t *y, uint32_t mask, const nibbles_by *by);

/* In assembly: compilers keep some of this in memory, and separate the loads, which costs a cycle each. r0 entries, r1 y,
 * r2 mask, r3 x and its end in r4; the sums are in r5 to r8; r9 and r10 are entries of two times two columns, r11 and r12
 * their numbers of x, lr the masked entries. The fourth argument is on the stack. */
#define ADD(sum, shifted, w, x) "and lr, r2, " w shifted "\n\tsmlad " sum ", lr, " x ", " sum "\n\t"
#define ADD_TWO_COLUMNS(w, x) \
    ADD("r5", "", w, x) ADD("r6", ", lsr #4", w, x) ADD("r7", ", lsr #8", w, x) ADD("r8", ", lsr #12", w, x)
#define ADD_FOUR_COLUMNS \
    "ldr r9, [r0], #4\n\tldr r10, [r0], #4\n\tldr r11, [r3], #4\n\tldr r12, [r3], #4\n\t" \
    ADD_TWO_COLUMNS("r9", "r11") ADD_TWO_COLUMNS("r10", "r12")
__asm__(".syntax unified\n\t.thumb\n\t"
        ".section .text.ww_nibbles_by_eight, \"ax\", %progbits\n\t.balign 4\n\t"
        ".global ww_nibbles_by_eight\n\t.type ww_nibbles_by_eight, %function\n\t.thumb_func\n"
        "ww_nibbles_by_eight:\n\t"
        "push {r3-r11, lr}\n\tldr r4, [r3, #4]\n\tmov lr, r3\n"
        "1:\tldr r3, [lr]\n\tldr r5, [lr, #8]\n\tmov r6, r5\n\tmov r7, r5\n\tmov r8, r5\n\t"
        ".balign 8\n"
        "2:\t" ADD_FOUR_COLUMNS ADD_FOUR_COLUMNS "cmp r3, r4\n\tbne 2b\n\t"
        "ldr lr, [sp]\n\tldr r9, [lr, #12]\n\tldr r10, [lr, #16]\n\t"
        "asr r5, r9\n\tasr r6, r9\n\tasr r7, r9\n\tasr r8, r9\n\t"
        "stmia r1!, {r5-r8}\n\tcmp r1, r10\n\tbne 1b\n\t"
        "pop {r3-r11, pc}\n\t"
        ".size ww_nibbles_by_eight, . - ww_nibbles_by_eight\n\t.text\n");

void ww_rows_of_nibbles(ww_product *product, int32_t *y, int blocks)
{
    const int cols = product->matrix->cols;
    nibbles_by by;
    if (blocks == 0 || cols % 8 != 0) {
        rows_of_nibbles(product, y, blocks);
        return;
    }
    by.x = product->x;
    by.end = product->x + cols;
    by.offset = product->offset;
    by.shift = product->matrix->shift;
    by.y_end = y + 4 * blocks;
    product->at.nibbles = ww_nibbles_by_eight(product->at.nibbles, y, 0x000F000Fu, &by);
}
#else
void ww_rows_of_nibbles(ww_product *product, int32_t *y, int blocks)
{
    rows_of_nibbles(product, y, blocks);
}
#endif

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
        BY_FOUR(name); \
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

#if WW_HAS_THUMB2
/* In assembly, since compilers separate the loads, which costs a cycle each. Four columns at a time. r0 entries, r1 x, and
 * its end in r2, r3 sums; the sums accumulate in r4 to r7; r8 and r9 are entries of two columns, r10 and r12 their numbers
 * of x, lr a column whose entries are brought down. */
#define ADD_ROW(entries, x, sum, bits) "lsr lr, " entries ", #" bits "\n\tmla " sum ", lr, " x ", " sum "\n\t"
#define ADD_COLUMN(entries, x, second, third, fourth) \
    "mla r4, " entries ", " x ", r4\n\t" ADD_ROW(entries, x, "r5", second) ADD_ROW(entries, x, "r6", third) \
        ADD_ROW(entries, x, "r7", fourth)
#define ADD_TWO_COLUMNS(load, size, second, third, fourth) \
    load " r8, [r0], #" size "\n\t" load " r9, [r0], #" size "\n\tldrsh r10, [r1], #2\n\tldrsh r12, [r1], #2\n\t" \
        ADD_COLUMN("r8", "r10", second, third, fourth) ADD_COLUMN("r9", "r12", second, third, fourth)
#define SUM_BY_FOUR(name, type, ...) \
    void name(const type *entries, const int16_t *x, int cols, uint32_t sums[4]); \
    __asm__(".syntax unified\n\t.thumb\n\t" \
            ".section .text." #name ", \"ax\", %progbits\n\t.balign 4\n\t" \
            ".global " #name "\n\t.type " #name ", %function\n\t.thumb_func\n" #name ":\n\t" \
            "push {r4-r10, lr}\n\tadd r2, r1, r2, lsl #1\n\t" \
            "mov r4, #0\n\tmov r5, r4\n\tmov r6, r4\n\tmov r7, r4\n\t.balign 8\n" \
            "1:\t" ADD_TWO_COLUMNS(__VA_ARGS__) ADD_TWO_COLUMNS(__VA_ARGS__) "cmp r1, r2\n\tbne 1b\n\t" \
            "stmia r3, {r4-r7}\n\tpop {r4-r10, pc}\n\t" \
            ".size " #name ", . - " #name "\n\t.text\n")
SUM_BY_FOUR(ww_sum_bytes_by_four, uint32_t, "ldr", "4", "8", "16", "24");
SUM_BY_FOUR(ww_sum_nibbles_by_four, uint16_t, "ldrh", "2", "4", "8", "12");
#define BY_FOUR(name) \
    if (cols % 4 == 0) { \
        name##_by_four(entries, x, cols, sums); \
        return; \
    } \
    (void)0
#else
#define BY_FOUR(name) (void)0
#endif

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
