#include "ww_fastgrnn.h"

#include <string.h>

#include "ww_fixed.h"
#include "ww_ternary.h"

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

/* The next row times x, in the Q-format of the result. |127 * 32768 * 128 columns| stays within int32. */
static int32_t next_row(const ww_matrix *matrix, cursor *at, const int16_t *x)
{
    int32_t sum = 0;
    int col;
    if (matrix->magnitude)
        sum = ww_ternary_row(matrix, &at->bit, &at->sign, x);
    else if (!matrix->bitmap)
        for (col = 0; col < matrix->cols; col++)
            sum += *at->value++ * (int32_t)x[col];
    else
        for (col = 0; col < matrix->cols; col++)
            if (ww_bit(matrix->bitmap, at->bit++))
                sum += *at->value++ * (int32_t)x[col];
    return ww_rshift(sum, matrix->shift);
}

static void project(const ww_matrix *matrix, const int16_t *x, int16_t *y)
{
    cursor at = first_row(matrix);
    int row;
    for (row = 0; row < matrix->rows; row++)
        y[row] = ww_saturate16(next_row(matrix, &at, x));
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

static void update(const ww_model *model, const int16_t *from_input, const int16_t *from_state, int16_t *hidden)
{
    cursor w = first_row(&model->w1), u = first_row(&model->u1);
    int unit;
    for (unit = 0; unit < model->hidden; unit++) {
        int32_t sum = next_row(&model->w1, &w, from_input) + next_row(&model->u1, &u, from_state);
        int16_t for_gate = ww_saturate16(sum + model->bias_gate[unit]);
        int32_t candidate = ww_tanh_q12(ww_saturate16(sum + model->bias_update[unit]));
        int32_t z = model->gate == WW_GATE_TANH ? ww_tanh_q12(for_gate) * 8 : ww_sigmoid_q15(for_gate);
        hidden[unit] = mix(model, z < WW_GATE_LIMIT_Q15 ? z : WW_GATE_LIMIT_Q15, candidate, hidden[unit]);
    }
}

static void classify(const ww_model *model, const int16_t *hidden, int16_t *posteriors)
{
    int16_t logits[WW_MAX_LABELS];
    cursor at = first_row(&model->head);
    int label;
    for (label = 0; label < model->labels; label++)
        logits[label] = ww_saturate16(next_row(&model->head, &at, hidden) + model->head_bias[label]);
    ww_softmax_q15(logits, posteriors, model->labels);
}

void ww_fastgrnn_reset(ww_fastgrnn *state)
{
    memset(state, 0, sizeof *state);
}

void ww_fastgrnn_step(const ww_model *model, ww_fastgrnn *state, const int16_t features[WW_MEL_BANDS],
                      int16_t *posteriors)
{
    int16_t x[WW_MEL_BANDS], from_input[WW_MAX_RANK], from_state[WW_MAX_RANK];
    normalise(model, features, x);
    project(&model->w2, x, from_input);
    project(&model->u2, state->hidden, from_state);
    update(model, from_input, from_state, state->hidden);
    classify(model, state->hidden, posteriors);
}
