#include "ww_optimize.h"

#include "ww_layer.h"

#if WW_MAX_CHANNELS

#include "ww_fixed.h"
#include "ww_matrix.h"

static inline int16_t relu_of_sum(int32_t product, int16_t bias)
{
    return ww_positive16(product + bias);
}

static void apply_stored(const ww_layer *layer, const int16_t *x, int16_t *y)
{
    ww_product product = ww_product_of(layer->matrix, x);
    const int16_t *bias = layer->bias;
    int32_t sums[WW_BATCH];
    int rows, row;
    while (product.left > 0) {
        rows = ww_product_rows(&product, sums);
        for (row = 0; row < rows; row++)
            *y++ = relu_of_sum(sums[row], *bias++);
    }
}

#if WW_DSP

void ww_layer_room_reset(ww_layer_room *room)
{
    room->taken = 0;
}

static void subtract_bias(ww_four_pairs entries, uint32_t bias, uint32_t pairs[4])
{
    pairs[0] = ww_subtract_halves(entries.first, bias);
    pairs[1] = ww_subtract_halves(entries.second, bias);
    pairs[2] = ww_subtract_halves(entries.third, bias);
    pairs[3] = ww_subtract_halves(entries.fourth, bias);
}

static void unpack_bytes(const uint32_t *column, int cols, int blocks, uint32_t *pairs)
{
    const uint32_t bias = 0x00800080u;
    uint32_t mask = 0x00FF00FFu;
    int left;
    WW_OPAQUE(mask);
    for (; blocks > 0; blocks--)
        for (left = cols; left > 0; left -= 2, column += 2, pairs += 4)
            subtract_bias(ww_pairs_of_bytes(column[0], column[1], mask), bias, pairs);
}

static void unpack_nibbles(const uint16_t *column, int cols, int blocks, uint32_t *pairs)
{
    const uint32_t bias = 0x00080008u;
    uint32_t mask = 0x000F000Fu;
    int left;
    WW_OPAQUE(mask);
    for (; blocks > 0; blocks--)
        for (left = cols; left > 0; left -= 2, column += 2, pairs += 4)
            subtract_bias(ww_pairs_of_nibbles(ww_pair(column), mask), bias, pairs);
}

ww_layer ww_layer_of(const ww_matrix *matrix, const int16_t *bias, ww_layer_room *room)
{
    const int rows = matrix->rows, cols = matrix->cols, in_blocks = matrix->form == WW_DENSE || matrix->form == WW_NIBBLES;
    uint32_t *pairs = room->pairs + room->taken;
    ww_layer layer;
    layer.matrix = matrix;
    layer.bias = bias;
    layer.pairs = 0;
    if (!in_blocks || rows % 4 != 0 || cols % 4 != 0 ||
        room->taken + (unsigned)(rows * cols / 2) > sizeof room->pairs / sizeof *room->pairs)
        return layer;
    if (matrix->form == WW_DENSE)
        unpack_bytes(matrix->layout, cols, rows / 4, pairs);
    else
        unpack_nibbles(matrix->layout, cols, rows / 4, pairs);
    room->taken = (uint16_t)(room->taken + rows * cols / 2);
    layer.pairs = pairs;
    return layer;
}

/* Writes the outputs of four rows. */
static inline void finish(ww_four_sums sums, int shift, const int16_t *bias, int16_t *y)
{
    y[0] = relu_of_sum(ww_floor((int32_t)sums.first, shift), bias[0]);
    y[1] = relu_of_sum(ww_floor((int32_t)sums.second, shift), bias[1]);
    y[2] = relu_of_sum(ww_floor((int32_t)sums.third, shift), bias[2]);
    y[3] = relu_of_sum(ww_floor((int32_t)sums.fourth, shift), bias[3]);
}

/* Adds the products of four rows of pairs; x has a multiple of four numbers. In assembly, since compilers mix the loads
 * with the products, where each takes a cycle more. */
static inline ww_four_sums add_rows(ww_four_sums s, const uint32_t *pairs, const int16_t *x, const int16_t *end)
{
#if WW_HAS_DSP
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

static void apply_pairs(const ww_layer *layer, const int16_t *x, int16_t *y)
{
    const int shift = layer->matrix->shift, cols = layer->matrix->cols;
    const int16_t *bias = layer->bias, *end = y + layer->matrix->rows;
    const uint32_t half = (uint32_t)ww_half(shift), *pairs = layer->pairs;
    for (; y != end; y += 4, bias += 4, pairs += 2 * cols) {
        const ww_four_sums sums = {half, half, half, half};
        finish(add_rows(sums, pairs, x, x + cols), shift, bias, y);
    }
}

/* A product at two places at once: each load of an entry serves both. */
typedef struct {
    const uint32_t *pairs;
    const int16_t *x, *end; /* of the first place */
    int32_t to_second;      /* bytes from there to the second place */
    int32_t half, shift;
    const int16_t *bias;
    int16_t *y, *y_end;
    int32_t y_to_second; /* bytes */
} two_places;

#if WW_HAS_DSP
void ww_apply_to_two(two_places *at);

/* In assembly, since the sums take eight registers, and all the others are needed. r0 is the argument outside the inner
 * loop. r1 pairs, r2 x, r3 to the second place; r4 to r7 the sums of the first place, r8 to r11 of the second; r0 an
 * entry, r12 and lr the numbers of the two places. On the stack: the argument, the end of x. */
#define ADD_ROW(first, second) \
    "ldr r0, [r1], #4\n\tsmlad " first ", r0, r12, " first "\n\tsmlad " second ", r0, lr, " second "\n\t"
#define ADD_TWO_COLUMNS \
    "ldr lr, [r2, r3]\n\tldr r12, [r2], #4\n\t" ADD_ROW("r4", "r8") ADD_ROW("r5", "r9") ADD_ROW("r6", "r10") \
        ADD_ROW("r7", "r11")
#define SHIFT(sum) "asr " sum ", r3\n\t"
#define ADD_BIAS(first, second, bias) \
    "add " first ", " bias "\n\tadd " second ", " bias "\n\tusat " first ", #15, " first "\n\tusat " second \
    ", #15, " second "\n\t"
#define JOIN(low, high) "pkhbt " low ", " low ", " high ", lsl #16\n\t"
__asm__(".syntax unified\n\t.thumb\n\t"
        ".section .text.ww_apply_to_two, \"ax\", %progbits\n\t.balign 4\n\t"
        ".global ww_apply_to_two\n\t.type ww_apply_to_two, %function\n\t.thumb_func\n"
        "ww_apply_to_two:\n\t"
        "push {r4-r11, lr}\n\tldr r1, [r0]\n\tldr r2, [r0, #8]\n\tpush {r0, r2}\n"
        "1:\tldr r2, [r0, #4]\n\tldr r3, [r0, #12]\n\tldr r4, [r0, #16]\n\t"
        "mov r5, r4\n\tmov r6, r4\n\tmov r7, r4\n\tmov r8, r4\n\tmov r9, r4\n\tmov r10, r4\n\tmov r11, r4\n\t"
        ".balign 8\n"
        "2:\t" ADD_TWO_COLUMNS ADD_TWO_COLUMNS "ldr r0, [sp, #4]\n\tcmp r2, r0\n\tbne 2b\n\t"
        "ldr r0, [sp]\n\tldr r3, [r0, #20]\n\tldr r2, [r0, #24]\n\t"
        "ldrsh r12, [r2], #2\n\tldrsh lr, [r2], #2\n\t"
        SHIFT("r4") SHIFT("r5") SHIFT("r6") SHIFT("r7") SHIFT("r8") SHIFT("r9") SHIFT("r10") SHIFT("r11")
        ADD_BIAS("r4", "r8", "r12") ADD_BIAS("r5", "r9", "lr")
        "ldrsh r12, [r2], #2\n\tldrsh lr, [r2], #2\n\tstr r2, [r0, #24]\n\t"
        ADD_BIAS("r6", "r10", "r12") ADD_BIAS("r7", "r11", "lr")
        "ldr r2, [r0, #28]\n\tldr r3, [r0, #36]\n\tldr r12, [r0, #32]\n\t"
        JOIN("r4", "r5") JOIN("r6", "r7") JOIN("r8", "r9") JOIN("r10", "r11")
        "add r3, r2\n\tstr r4, [r2], #4\n\tstr r6, [r2], #4\n\tstr r8, [r3]\n\tstr r10, [r3, #4]\n\t"
        "str r2, [r0, #28]\n\tcmp r2, r12\n\tbne 1b\n\t"
        "add sp, #8\n\tpop {r4-r11, pc}\n\t"
        ".size ww_apply_to_two, . - ww_apply_to_two\n\t.text\n");
#else
static void ww_apply_to_two(two_places *at)
{
    for (; at->y != at->y_end; at->y += 4, at->bias += 4) {
        const uint32_t half = (uint32_t)at->half;
        ww_four_sums first = {half, half, half, half}, second = first;
        const int16_t *x = at->x;
        for (; x != at->end; x += 2, at->pairs += 4) {
            const ww_four_pairs entries = ww_load_pairs(at->pairs);
            first = ww_add_pairs(first, entries, ww_pair(x));
            second = ww_add_pairs(second, entries, ww_pair((const char *)x + at->to_second));
        }
        finish(first, at->shift, at->bias, at->y);
        finish(second, at->shift, at->bias, (int16_t *)((char *)at->y + at->y_to_second));
    }
}
#endif
static void apply_pairs_to_two(const ww_layer *layer, const int16_t *x, const int16_t *second, int16_t *y,
                               int16_t *y_second)
{
    two_places at;
    at.pairs = layer->pairs;
    at.x = x;
    at.end = x + layer->matrix->cols;
    at.to_second = (int32_t)(second - x) * (int32_t)sizeof *x;
    at.shift = layer->matrix->shift;
    at.half = ww_half(at.shift);
    at.bias = layer->bias;
    at.y = y;
    at.y_end = y + layer->matrix->rows;
    at.y_to_second = (int32_t)(y_second - y) * (int32_t)sizeof *y;
    ww_apply_to_two(&at);
}

void ww_layer_apply(const ww_layer *layer, const int16_t *x, int16_t *y)
{
    if (layer->pairs)
        apply_pairs(layer, x, y);
    else
        apply_stored(layer, x, y);
}

void ww_layer_apply_to_two(const ww_layer *layer, const int16_t *x, const int16_t *second, int16_t *y,
                           int16_t *y_second)
{
    if (layer->pairs) {
        apply_pairs_to_two(layer, x, second, y, y_second);
        return;
    }
    apply_stored(layer, x, y);
    apply_stored(layer, second, y_second);
}

#else

void ww_layer_room_reset(ww_layer_room *room)
{
    (void)room;
}

ww_layer ww_layer_of(const ww_matrix *matrix, const int16_t *bias, ww_layer_room *room)
{
    ww_layer layer;
    (void)room;
    layer.matrix = matrix;
    layer.bias = bias;
    return layer;
}

void ww_layer_apply(const ww_layer *layer, const int16_t *x, int16_t *y)
{
    apply_stored(layer, x, y);
}

void ww_layer_apply_to_two(const ww_layer *layer, const int16_t *x, const int16_t *second, int16_t *y,
                           int16_t *y_second)
{
    apply_stored(layer, x, y);
    apply_stored(layer, second, y_second);
}

#endif

#endif
