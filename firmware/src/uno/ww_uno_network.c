#include "../core/ww_optimize.h"

#include "ww_uno_network.h"

#include "../core/ww_fixed.h"
#include "ww_uno_fixed.h"

/* Bits of the evidence beyond those of a logit, so that a slow average reaches its target. */
#define EVIDENCE_BITS 8
#define EVIDENCE_SCALE 256

/* The next row of a matrix, and the constants of its products. */
typedef struct {
    const WW_FLASH int8_t *value;
    int32_t half;
    uint8_t cols, shift;
} cursor;

static cursor first_row(const WW_FLASH ww_uno_matrix *matrix)
{
    cursor at;
    at.value = matrix->values;
    at.cols = matrix->cols;
    at.shift = matrix->shift;
    at.half = ww_half(at.shift);
    return at;
}

/* Multiplies the next row with x. No sum overflows: |128 * 32768 * 32 columns| is 2^27. */
static int32_t next_row(cursor *at, const int16_t *x)
{
    int32_t sum = ww_uno_dot(at->value, x, at->cols);
    at->value += at->cols;
    return ww_rshift_with(sum, at->shift, at->half);
}

static void project(const WW_FLASH ww_uno_matrix *matrix, const int16_t *x, int16_t *y)
{
    cursor at = first_row(matrix);
    const int16_t *end = y + matrix->rows;
    while (y < end)
        *y++ = ww_saturate16(next_row(&at, x));
}

static void normalise(const WW_FLASH ww_uno_model *model, const int16_t *features, int16_t *x)
{
    uint8_t band;
    for (band = 0; band < WW_UNO_MEL_BANDS; band++)
        x[band] = ww_saturate16(ww_rshift((features[band] - (int32_t)model->mean[band]) * model->scale[band], 12));
}

static int16_t next_state(const WW_FLASH ww_uno_model *model, uint8_t unit, int32_t sum, int16_t hidden)
{
    const int32_t limit = WW_ONE_Q15 - WW_FORGETTING_Q15;
    int32_t z = ww_sigmoid_q15(sum + model->bias_gate[unit]);
    int32_t candidate = ww_tanh_q12(sum + model->bias_update[unit]);
    int32_t gain;
    z = z < limit ? z : limit;
    gain = ww_uno_by_q15((WW_ONE_Q15 - z) * model->zeta) + model->nu;
    return ww_saturate16(ww_uno_by_q15(gain * candidate + ww_uno_mul((int16_t)z, hidden)));
}

static void update(const WW_FLASH ww_uno_model *model, const int16_t *from_input, const int16_t *from_state,
                   int16_t *hidden)
{
    cursor w = first_row(&model->w1), u = first_row(&model->u1);
    uint8_t unit;
    for (unit = 0; unit < model->w1.rows; unit++) {
        int32_t sum = next_row(&w, from_input) + next_row(&u, from_state);
        hidden[unit] = next_state(model, unit, sum, hidden[unit]);
    }
}

static void classify(const WW_FLASH ww_uno_model *model, ww_uno_network *state, int16_t *posteriors)
{
    cursor at = first_row(&model->head);
    int16_t averages[WW_UNO_MAX_LABELS];
    uint8_t label;
    for (label = 0; label < model->head.rows; label++) {
        int16_t logit = ww_saturate16(next_row(&at, state->hidden) + model->head_bias[label]);
        int32_t *evidence = &state->evidence[label];
        *evidence += ww_rshift(logit * (int32_t)EVIDENCE_SCALE - *evidence, model->evidence);
        averages[label] = (int16_t)ww_rshift(*evidence, EVIDENCE_BITS);
    }
    ww_softmax_q15(averages, posteriors, model->head.rows);
}

void ww_uno_network_step(const WW_FLASH ww_uno_model *model, ww_uno_network *state,
                         const int16_t features[WW_UNO_MEL_BANDS], int16_t posteriors[WW_UNO_MAX_LABELS])
{
    int16_t x[WW_UNO_MEL_BANDS], from_input[WW_UNO_MAX_RANK], from_state[WW_UNO_MAX_RANK];
    normalise(model, features, x);
    project(&model->w2, x, from_input);
    project(&model->u2, state->hidden, from_state);
    update(model, from_input, from_state, state->hidden);
    classify(model, state, posteriors);
}
