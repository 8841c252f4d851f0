#include "ww_optimize.h"

#include "ww_fastgrnn.h"

#include <string.h>

#include "ww_fixed.h"
#include "ww_ternary.h"

/* Rows computed at a time: what a call costs is shared, and the sums stay small on the stack. */
#if defined(__AVR__)
#define BATCH 4
#else
#define BATCH 16
#endif

/* The columns of a row whose marks are looked at together. */
#define PIECE 25

/* Bits of the evidence beyond those of a logit, so that a slow average does not stop short of its goal. */
#define EVIDENCE_BITS 8
#define EVIDENCE_SCALE 256

/* Where the next row of a matrix begins. */
typedef struct {
    const int8_t *value;
    uint32_t bit, sign;
} cursor;

static cursor first_row(const ww_matrix *matrix)
{
    cursor at;
    at.value = matrix->values;
    at.bit = 0;
    at.sign = 0;
    return at;
}

/* The next rows times x, in the Q-format of the result, for each form of a matrix. No product overflows:
 * |128 * 32768 * 128 columns| is half of 2^30. */

static void dense_rows(const ww_matrix *matrix, cursor *at, const int16_t *x, int32_t *y, int rows)
{
    const int32_t *end = y + rows, half = ww_half(matrix->shift);
    const int8_t *value = at->value;
    while (y < end) {
        const int16_t *next = x;
        int32_t sum = 0;
        int left;
        for (left = matrix->cols; left >= 4; left -= 4) {
            sum += value[0] * (int32_t)next[0];
            sum += value[1] * (int32_t)next[1];
            sum += value[2] * (int32_t)next[2];
            sum += value[3] * (int32_t)next[3];
            value += 4;
            next += 4;
        }
        while (left-- > 0)
            sum += *value++ * (int32_t)*next++;
        *y++ = ww_rshift_with(sum, matrix->shift, half);
    }
    at->value = value;
}

/* The values under the marks, times x: from one mark to the next, or, where finding that takes long, by a look at every
 * column. */
static inline int32_t marked_sum(const int8_t **values, uint32_t marks, const int16_t *x)
{
    const int8_t *value = *values;
    int32_t sum = 0;
#if WW_SMALL_CORE
#define ADD_IF_MARKED(i) \
    if (marks & WW_BIT(i)) \
        sum += *value++ * (int32_t)x[i];
    for (; marks; marks = ww_drop_bits(marks, 5)) {
        ADD_IF_MARKED(0)
        ADD_IF_MARKED(1)
        ADD_IF_MARKED(2)
        ADD_IF_MARKED(3)
        ADD_IF_MARKED(4)
        x += 5;
    }
#else
    for (; marks; marks &= marks - 1)
        sum += *value++ * (int32_t)x[ww_lowest_bit(marks)];
#endif
    *values = value;
    return sum;
}

/* Only the values are stored that the bitmap marks. */
static void sparse_rows(const ww_matrix *matrix, cursor *at, const int16_t *x, int32_t *y, int rows)
{
    const ww_bitmap bitmap = {matrix->bitmap, ww_bytes_of_bits((uint32_t)matrix->rows * matrix->cols)};
    const int32_t *end = y + rows, half = ww_half(matrix->shift);
    const int8_t *value = at->value;
    uint32_t bit = at->bit;
    while (y < end) {
        const int16_t *next = x;
        int32_t sum = 0;
        int left;
        for (left = matrix->cols; left > 0; left -= PIECE) {
            int count = left < PIECE ? left : PIECE;
            sum += marked_sum(&value, ww_bits(&bitmap, bit, count), next);
            bit += (uint32_t)count;
            next += count;
        }
        *y++ = ww_rshift_with(sum, matrix->shift, half);
    }
    at->value = value;
    at->bit = bit;
}

static void ternary_rows(const ww_matrix *matrix, cursor *at, const int16_t *x, int32_t *y, int rows)
{
    int row;
    for (row = 0; row < rows; row++)
        y[row] = ww_rshift(ww_ternary_row(matrix, &at->bit, &at->sign, x), matrix->shift);
}

static void next_rows(const ww_matrix *matrix, cursor *at, const int16_t *x, int32_t *y, int rows)
{
    if (matrix->magnitude)
        ternary_rows(matrix, at, x, y, rows);
    else if (matrix->bitmap)
        sparse_rows(matrix, at, x, y, rows);
    else
        dense_rows(matrix, at, x, y, rows);
}

static int batch_size(int left)
{
    return left < BATCH ? left : BATCH;
}

static void project(const ww_matrix *matrix, const int16_t *x, int16_t *y)
{
    cursor at = first_row(matrix);
    int begin, row;
    for (begin = 0; begin < matrix->rows; begin += BATCH) {
        int32_t sums[BATCH];
        int rows = batch_size(matrix->rows - begin);
        next_rows(matrix, &at, x, sums, rows);
        for (row = 0; row < rows; row++)
            y[begin + row] = ww_saturate16(sums[row]);
    }
}

static void normalise(const ww_model *model, const int16_t *features, int16_t *x)
{
    int band;
    for (band = 0; band < WW_MEL_BANDS; band++)
        x[band] = ww_saturate16(ww_rshift((features[band] - (int32_t)model->mean[band]) * model->scale[band], 12));
}

/* (zeta (1 - z) + nu) * candidate + z * hidden, with one rounding of the sum. */
static int16_t mix(const ww_model *model, int32_t z, int32_t candidate, int16_t hidden)
{
    int32_t gain = ww_rshift(model->zeta * (WW_ONE_Q15 - z), 15) + model->nu;
    return ww_saturate16(ww_rshift(gain * candidate + z * hidden, 15));
}

static int16_t next_state(const ww_model *model, int unit, int32_t sum, int16_t hidden)
{
    int16_t for_gate = ww_saturate16(sum + model->bias_gate[unit]);
    int32_t candidate = ww_tanh_q12(ww_saturate16(sum + model->bias_update[unit]));
    int32_t z = model->gate == WW_GATE_TANH ? ww_tanh_q12(for_gate) * 8 : ww_sigmoid_q15(for_gate);
    int32_t limit = WW_ONE_Q15 - WW_FORGETTING_Q15 * model->stack;
    return mix(model, z < limit ? z : limit, candidate, hidden);
}

static void update(const ww_model *model, const int16_t *from_input, const int16_t *from_state, int16_t *hidden)
{
    cursor w = first_row(&model->w1), u = first_row(&model->u1);
    int begin, row;
    for (begin = 0; begin < model->hidden; begin += BATCH) {
        int32_t w_sums[BATCH], u_sums[BATCH];
        int rows = batch_size(model->hidden - begin);
        next_rows(&model->w1, &w, from_input, w_sums, rows);
        next_rows(&model->u1, &u, from_state, u_sums, rows);
        for (row = 0; row < rows; row++)
            hidden[begin + row] = next_state(model, begin + row, w_sums[row] + u_sums[row], hidden[begin + row]);
    }
}

/* Averages a logit into the evidence of its label; what the softmax takes, Q10. */
static int16_t weigh(const ww_model *model, int32_t *evidence, int16_t logit)
{
    *evidence += ww_rshift(logit * (int32_t)EVIDENCE_SCALE - *evidence, model->evidence);
    return (int16_t)ww_rshift(*evidence, EVIDENCE_BITS);
}

static void classify(const ww_model *model, const int16_t *hidden, int32_t *evidence, int16_t *posteriors)
{
    cursor at = first_row(&model->head);
    int begin, row;
    int16_t logits[WW_MAX_LABELS];
    for (begin = 0; begin < model->labels; begin += BATCH) {
        int32_t sums[BATCH];
        int rows = batch_size(model->labels - begin);
        next_rows(&model->head, &at, hidden, sums, rows);
        for (row = 0; row < rows; row++)
            logits[begin + row] = weigh(model, evidence + begin + row,
                                        ww_saturate16(sums[row] + model->head_bias[begin + row]));
    }
    ww_softmax_q15(logits, posteriors, model->labels);
}

void ww_fastgrnn_reset(ww_fastgrnn *state)
{
    memset(state, 0, sizeof *state);
}

void ww_fastgrnn_step(const ww_model *model, ww_fastgrnn *state, const int16_t features[WW_MEL_BANDS],
                      int16_t *posteriors)
{
    int16_t from_input[WW_MAX_RANK], from_state[WW_MAX_RANK];
    normalise(model, features, state->input + state->frames * WW_MEL_BANDS);
    if (++state->frames < model->stack)
        return;
    state->frames = 0;
    project(&model->w2, state->input, from_input);
    project(&model->u2, state->hidden, from_state);
    update(model, from_input, from_state, state->hidden);
    classify(model, state->hidden, state->evidence, posteriors);
}
