#include "ww_optimize.h"

#include "ww_fastgrnn.h"

#include <string.h>

#include "ww_convolution.h"
#include "ww_fixed.h"
#include "ww_matrix.h"

/* Bits of the evidence beyond those of a logit, so that a slow average reaches its target. */
#define EVIDENCE_BITS 8
#define EVIDENCE_SCALE 256

WW_NOINLINE void project(const ww_matrix *matrix, const int16_t *x, int16_t *y, int32_t *sums)
{
    ww_product product = ww_product_of(matrix, x);
    int rows, row;
    while (product.left > 0) {
        rows = ww_product_rows(&product, sums);
        for (row = 0; row < rows; row++)
            *y++ = ww_saturate16(sums[row]);
    }
}

/* stride: from the place of a band in x to that of the next. */
WW_INLINE void normalise(const ww_model *model, const int16_t *features, int16_t *x, int stride)
{
    int band;
    for (band = 0; band < WW_MEL_BANDS; band++, x += stride)
        *x = ww_saturate16(ww_rshift((features[band] - (int32_t)model->mean[band]) * model->scale[band], 12));
}

/* What the update of each unit takes from the model, in registers. */
typedef struct {
    int32_t zeta, nu, limit;
} ww_gating;

/* Computes (zeta (1 - z) + nu) * candidate + z * hidden; the sum is rounded once. It is below 2^28 + 2^30. */
WW_INLINE int16_t mix(ww_gating by, int32_t z, int32_t candidate, int16_t hidden)
{
    int32_t gain = ww_rshift_with(by.zeta * (WW_ONE_Q15 - z), 15, WW_ONE_Q15 / 2) + by.nu;
    return ww_saturate16(ww_rshift_with(gain * candidate + z * hidden, 15, WW_ONE_Q15 / 2));
}

/* Updates units; each has two biases. */
WW_INLINE void update_units(ww_gating by, int is_tanh, const int32_t *w, const int32_t *u, const int16_t *bias_gate,
                            const int16_t *bias_update, int16_t *hidden, int units)
{
    for (; units > 0; units--, hidden++) {
        const int32_t sum = *w++ + *u++, candidate = ww_tanh_q12(sum + *bias_update++), for_gate = sum + *bias_gate++;
        int32_t z = is_tanh ? ww_tanh_q12(for_gate) * 8 : ww_limited_sigmoid_q15(for_gate, by.limit);
        if (is_tanh && z > by.limit)
            z = by.limit;
        *hidden = mix(by, z, candidate, *hidden);
    }
}

WW_NOINLINE void update(const ww_model *model, ww_fastgrnn_scratch *scratch, int16_t *hidden)
{
    ww_product w = ww_product_of(&model->w1, scratch->from_input), u = ww_product_of(&model->u1, scratch->from_state);
    const int16_t *gate = model->bias_gate, *update = model->bias_update;
    const int32_t *w_sums = scratch->sums, *u_sums = scratch->further_sums;
    ww_gating by;
    int rows;
    by.zeta = model->zeta;
    by.nu = model->nu;
    by.limit = WW_ONE_Q15 - WW_FORGETTING_Q15 * model->frames_per_step;
    for (; w.left > 0; gate += rows, update += rows, hidden += rows) {
        rows = ww_product_rows(&w, scratch->sums);
        ww_product_rows(&u, scratch->further_sums);
        if (model->gate == WW_GATE_TANH)
            update_units(by, 1, w_sums, u_sums, gate, update, hidden, rows);
        else
            update_units(by, 0, w_sums, u_sums, gate, update, hidden, rows);
    }
}

/* Adds a logit to the leaky average of its label, the evidence; returns the evidence in Q10, for the softmax. */
static int16_t weigh(const ww_model *model, int32_t *evidence, int16_t logit)
{
    *evidence += ww_rshift(logit * (int32_t)EVIDENCE_SCALE - *evidence, model->evidence);
    return (int16_t)ww_rshift(*evidence, EVIDENCE_BITS);
}

WW_NOINLINE void classify(const ww_model *model, const int16_t *hidden, int32_t *evidence, int32_t *sums,
                          int16_t *posteriors)
{
    ww_product head = ww_product_of(&model->head, hidden);
    int16_t logits[WW_MAX_LABELS];
    int begin, rows, row;
    for (begin = 0; head.left > 0; begin += rows) {
        rows = ww_product_rows(&head, sums);
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

/* Takes a frame. Returns the inputs of the cell if it completes a step, else null. */
static const int16_t *take(const ww_model *model, ww_fastgrnn *state, ww_fastgrnn_scratch *scratch,
                           const int16_t *features)
{
    int16_t *input = state->before.plain.input;
#if WW_MAX_CHANNELS
    if (model->convolved) {
        const ww_convolution *convolution = &((const ww_convolved_model *)model)->convolution;
        ww_convolution_state *convolving = &state->before.convolution;
        normalise(model, features, ww_convolution_place(convolution, convolving), convolution->frames);
        return ww_convolution_step(convolution, convolving, &scratch->convolution, scratch->sums) ? scratch->convolution.inputs : 0;
    }
#else
    (void)scratch;
#endif
    normalise(model, features, input + state->before.plain.frames * WW_MEL_BANDS, 1);
    if (++state->before.plain.frames < model->frames_per_step)
        return 0;
    state->before.plain.frames = 0;
    return input;
}

void ww_fastgrnn_step(const ww_model *model, ww_fastgrnn *state, ww_fastgrnn_scratch *scratch,
                      const int16_t features[WW_MEL_BANDS], int16_t *posteriors)
{
    const int16_t *inputs = take(model, state, scratch, features);
    if (!inputs)
        return;
    project(&model->w2, inputs, scratch->from_input, scratch->sums);
    project(&model->u2, state->hidden, scratch->from_state, scratch->sums);
    update(model, scratch, state->hidden);
    classify(model, state->hidden, state->evidence, scratch->sums, posteriors);
}
