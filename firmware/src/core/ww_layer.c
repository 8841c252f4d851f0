#include "ww_optimize.h"

#include "ww_layer.h"

#if WW_MAX_CHANNELS

#include "ww_dsp.h"
#include "ww_fixed.h"
#include "ww_matrix.h"

static void apply_stored(const ww_layer *layer, const int16_t *x, int16_t *y)
{
    ww_product product = ww_product_of(layer->matrix, x);
    const int16_t *bias = layer->bias;
    int rows, row;
    while (product.left > 0) {
        rows = ww_product_rows(&product, layer->sums);
        for (row = 0; row < rows; row++)
            *y++ = ww_positive16(layer->sums[row] + *bias++);
    }
}

#if WW_UNPACKED

/* Writes the outputs of four rows. */
static inline void finish(ww_four_sums sums, int shift, int16_t *y)
{
    y[0] = ww_positive16(ww_floor((int32_t)sums.first, shift));
    y[1] = ww_positive16(ww_floor((int32_t)sums.second, shift));
    y[2] = ww_positive16(ww_floor((int32_t)sums.third, shift));
    y[3] = ww_positive16(ww_floor((int32_t)sums.fourth, shift));
}

/* Adds the products of four rows of pairs; x has a multiple of four numbers. In assembly, since compilers mix the loads
 * with the products, where each takes a cycle more. */
static inline ww_four_sums add_rows(ww_four_sums s, const uint32_t *pairs, const int16_t *x, const int16_t *end)
{
#if WW_DSP && WW_HAS_DSP
#define LOAD(entry) "ldr %[" entry "], [%[w]], #4\n\t"
#define ADD(sum, entry) "smlad %[" sum "], %[" entry "], %[two], %[" sum "]\n\t"
#define ADD_COLUMNS \
    "ldr %[two], [%[x]], #4\n\t" LOAD("w0") LOAD("w1") LOAD("w2") LOAD("w3") ADD("a", "w0") ADD("b", "w1") \
        ADD("c", "w2") ADD("d", "w3")
    uint32_t w0, w1, w2, w3, two;
    __asm__("1:\n\t" ADD_COLUMNS ADD_COLUMNS "cmp %[x], %[end]\n\tbne 1b"
            : [a] "+r"(s.first), [b] "+r"(s.second), [c] "+r"(s.third), [d] "+r"(s.fourth), [w] "+r"(pairs),
              [x] "+r"(x), [w0] "=&r"(w0), [w1] "=&r"(w1), [w2] "=&r"(w2), [w3] "=&r"(w3), [two] "=&r"(two)
            : [end] "r"(end)
            : "cc", "memory");
#else
    for (; x != end; x += 2, pairs += 4)
        s = ww_add_pairs(s, ww_load_pairs(pairs), ww_pair(x));
#endif
    return s;
}

static void apply_pairs(const ww_matrix *matrix, const int16_t *x, int16_t *y)
{
    const int shift = matrix->shift, cols = matrix->cols;
    const int16_t *end = y + matrix->rows;
    const uint32_t *pairs = matrix->layout;
    for (; y != end; y += 4, pairs += 4 + 2 * cols)
        finish(add_rows(ww_load_pairs(pairs), pairs + 4, x, x + cols), shift, y);
}

#if WW_HAS_THUMB2
/* A product at two places at once: each load of an entry serves both. */
typedef struct {
    const uint32_t *pairs;
    const int16_t *x, *end; /* of the first place */
    int32_t shift;
    int16_t *y, *y_end;
    int32_t y_to_second; /* bytes */
} two_places;

/* In assembly, since the sums take eight registers, and all the others are needed; so the distance of the places is a
 * constant. r1 pairs, r2 x; r4 to r7 the sums of the first place, r8 to r11 of the second; r0 and r3 entries, r12 and lr
 * the numbers of the two places. On the stack: the argument, the end of x. */
#if WW_DSP && WW_HAS_DSP
#define ADD_ROW(entry, first, second) \
    "smlad " first ", " entry ", r12, " first "\n\tsmlad " second ", " entry ", lr, " second "\n\t"
#define LOAD_TWO "ldr r0, [r1], #4\n\tldr r3, [r1], #4\n\t"
#define ADD_TWO_COLUMNS(apart) \
    "ldr lr, [r2, #" apart "]\n\tldr r12, [r2], #4\n\t" LOAD_TWO ADD_ROW("r0", "r4", "r8") \
        ADD_ROW("r3", "r5", "r9") LOAD_TWO ADD_ROW("r0", "r6", "r10") ADD_ROW("r3", "r7", "r11")
#else
#define ADD_ROW(entry, first, second) \
    "mla " first ", " entry ", r12, " first "\n\tmla " second ", " entry ", lr, " second "\n\t"
#define LOAD_TWO(first, second) "ldrsh r0, [r1, #" first "]\n\tldrsh r3, [r1, #" second "]\n\t"
#define ADD_COLUMN(apart, a, b, c, d) \
    "ldrsh lr, [r2, #" apart "]\n\tldrsh r12, [r2], #2\n\t" LOAD_TWO(a, b) ADD_ROW("r0", "r4", "r8") \
        ADD_ROW("r3", "r5", "r9") LOAD_TWO(c, d) ADD_ROW("r0", "r6", "r10") ADD_ROW("r3", "r7", "r11")
#define ADD_TWO_COLUMNS(apart) \
    ADD_COLUMN(apart, "0", "4", "8", "12") ADD_COLUMN(apart, "2", "6", "10", "14") "adds r1, #16\n\t"
#endif
#define FINISH(sum) "asr " sum ", r3\n\tusat " sum ", #15, " sum "\n\t"
#define JOIN(low, high) "orr " low ", " low ", " high ", lsl #16\n\t"
#define APPLY_TO_TWO(name, apart) \
    void name(two_places *at); \
    __asm__(".syntax unified\n\t.thumb\n\t" \
            ".section .text." #name ", \"ax\", %progbits\n\t.balign 4\n\t" \
            ".global " #name "\n\t.type " #name ", %function\n\t.thumb_func\n" #name ":\n\t" \
            "push {r4-r11, lr}\n\tldr r1, [r0]\n\tldr r2, [r0, #8]\n\tpush {r0, r2}\n" \
            "1:\tldr r2, [r0, #4]\n\tldmia r1!, {r4-r7}\n\tmov r8, r4\n\tmov r9, r5\n\tmov r10, r6\n\tmov r11, r7\n\t" \
            ".balign 8\n" \
            "2:\t" ADD_TWO_COLUMNS(apart) ADD_TWO_COLUMNS(apart) "ldr r0, [sp, #4]\n\tcmp r2, r0\n\tbne 2b\n\t" \
            "ldr r0, [sp]\n\tldr r3, [r0, #12]\n\tldr r2, [r0, #16]\n\tldr r12, [r0, #20]\n\tldr lr, [r0, #24]\n\t" \
            FINISH("r4") FINISH("r5") FINISH("r6") FINISH("r7") FINISH("r8") FINISH("r9") FINISH("r10") FINISH("r11") \
            JOIN("r4", "r5") JOIN("r6", "r7") JOIN("r8", "r9") JOIN("r10", "r11") \
            "add lr, r2\n\tstr r4, [r2], #4\n\tstr r6, [r2], #4\n\tstr r8, [lr]\n\tstr r10, [lr, #4]\n\t" \
            "str r2, [r0, #16]\n\tcmp r2, r12\n\tbne 1b\n\t" \
            "add sp, #8\n\tpop {r4-r11, pc}\n\t" \
            ".size " #name ", . - " #name "\n\t.text\n")

APPLY_TO_TWO(ww_apply_8_apart, "16");
APPLY_TO_TWO(ww_apply_16_apart, "32");

static void apply_pairs_to_two(const ww_matrix *matrix, const int16_t *x, const int16_t *second, int16_t *y,
                               int16_t *y_second)
{
    two_places at;
    at.pairs = matrix->layout;
    at.x = x;
    at.end = x + matrix->cols;
    at.shift = matrix->shift;
    at.y = y;
    at.y_end = y + matrix->rows;
    at.y_to_second = (int32_t)(y_second - y) * (int32_t)sizeof *y;
    if (second - x == 8) {
        ww_apply_8_apart(&at);
    } else if (second - x == 16) {
        ww_apply_16_apart(&at);
    } else {
        apply_pairs(matrix, x, y);
        apply_pairs(matrix, second, y_second);
    }
}
#else
static void apply_pairs_to_two(const ww_matrix *matrix, const int16_t *x, const int16_t *second, int16_t *y,
                               int16_t *y_second)
{
    apply_pairs(matrix, x, y);
    apply_pairs(matrix, second, y_second);
}
#endif

#endif

void ww_layer_apply(const ww_layer *layer, const int16_t *x, int16_t *y)
{
#if WW_UNPACKED
    if (layer->matrix->form == WW_PAIRS) {
        apply_pairs(layer->matrix, x, y);
        return;
    }
#endif
    apply_stored(layer, x, y);
}

void ww_layer_apply_to_two(const ww_layer *layer, const int16_t *x, const int16_t *second, int16_t *y,
                           int16_t *y_second)
{
#if WW_UNPACKED
    if (layer->matrix->form == WW_PAIRS) {
        apply_pairs_to_two(layer->matrix, x, second, y, y_second);
        return;
    }
#endif
    apply_stored(layer, x, y);
    apply_stored(layer, second, y_second);
}

#endif
