/* FastGRNN with its model in flash, for a processor of 8 bits. wakeword/inference/fastgrnn.py is the reference,
 * equal bit for bit. A model has one frame a step, a sigmoid gate and dense matrices. */
#ifndef WW_UNO_NETWORK_H
#define WW_UNO_NETWORK_H

#include <stdint.h>

#include "ww_uno_tables.h"

#ifdef __cplusplus
extern "C" {
#endif

#define WW_UNO_MAX_HIDDEN 32
#define WW_UNO_MAX_RANK 16
#define WW_UNO_MAX_LABELS 12

#if defined(__cplusplus)
/* C++ has no qualifier for the flash, and so would give the members other types than C does, at which the linker warns. It
 * only passes a model on. */
struct ww_uno_model;
#else
/* Row by row. A product with a vector is shifted right by `shift`, rounding. */
typedef struct {
    const WW_FLASH int8_t *values;
    uint8_t rows, cols, shift;
} ww_uno_matrix;

/* Kusupati et al. 2018, equations (6) and (7), with W = w1 w2 and U = u1 u2, a linear classifier, and the detector's
 * settings. */
typedef struct ww_uno_model {
    const WW_FLASH int16_t *mean;  /* per mel band, log2 Q9 */
    const WW_FLASH int16_t *scale; /* per mel band, Q12, from log2 Q9 to Q12 */
    ww_uno_matrix w1, w2, u1, u2;
    const WW_FLASH int16_t *bias_gate, *bias_update; /* per hidden unit, Q12 */
    int16_t zeta, nu;                                /* Q15 */
    ww_uno_matrix head;                              /* logits in Q10 */
    const WW_FLASH int16_t *head_bias;               /* per label, Q10 */
    uint8_t evidence;    /* time constant of the average of the logits: 2^evidence frames */
    const WW_FLASH int16_t *threshold;               /* per label, Q15; without effect before first_word */
    uint8_t first_word;                              /* the labels before it (silence, unknown) raise no event */
    uint8_t smoothing;   /* time constant of the average of the posteriors: 2^smoothing frames */
    uint16_t refractory; /* frames after an event without another */
} ww_uno_model;
#endif

/* The model of a sketch and its words, which `wakeword export --format uno` writes. */
extern const WW_FLASH ww_uno_model wakeword_uno_model;
extern const char *const wakeword_uno_labels[];

/* The state of the network between two frames. */
typedef struct {
    int16_t hidden[WW_UNO_MAX_HIDDEN];   /* Q12 */
    int32_t evidence[WW_UNO_MAX_LABELS]; /* leaky averages of the logits, Q18 */
} ww_uno_network;

/* Takes one frame of features, log2 Q9; updates the state and the posteriors, Q15. To reset, set the state to zeros. */
void ww_uno_network_step(const WW_FLASH ww_uno_model *model, ww_uno_network *state,
                         const int16_t features[WW_UNO_MEL_BANDS], int16_t posteriors[WW_UNO_MAX_LABELS]);

#ifdef __cplusplus
}
#endif

#endif
