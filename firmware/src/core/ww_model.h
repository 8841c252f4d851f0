/* A trained model as constant data, for the network and the detector: `wakeword export --format c` writes it. All of it
 * may be in flash. */
#ifndef WW_MODEL_H
#define WW_MODEL_H

#include <stdint.h>

#include "ww_tables.h"

/* The largest model that the state structs have room for. An exported model checks that it fits. An Uno has 2 KB of RAM,
 * so its models are small. */
#if defined(__AVR__) && !defined(WW_MAX_HIDDEN)
#define WW_MAX_HIDDEN 32
#define WW_MAX_RANK 16
#define WW_MAX_LABELS 12
#define WW_MAX_FRAMES_PER_STEP 1
#endif
#ifndef WW_MAX_HIDDEN
#define WW_MAX_HIDDEN 128
#endif
#ifndef WW_MAX_RANK
#define WW_MAX_RANK 64
#endif
#ifndef WW_MAX_LABELS
#define WW_MAX_LABELS 40
#endif
#ifndef WW_MAX_FRAMES_PER_STEP
#define WW_MAX_FRAMES_PER_STEP 4
#endif

/* A matrix of int8, row by row, in one of four forms.
 * WW_DENSE: `layout` holds blocks of four rows, a 32-bit word for each column, the first row in its lowest byte, 128
 * added to each entry; `values` holds the remaining rows.
 * WW_NIBBLES: the same with entries of -8 to 7: 16 bits for each column, four for each row, 8 added.
 * WW_SPARSE: `values` holds the non-zero entries in order, `layout` a bitmap of their places.
 * Any other form is the magnitude of a ternary matrix: sparse, all non-zero entries plus or minus this magnitude, and
 * `values` holds their signs as bits (ww_ternary.h).
 * A product with a vector is shifted right by `shift`, rounding. */
enum { WW_DENSE = 0, WW_NIBBLES = 254, WW_SPARSE = 255 };
typedef struct {
    const void *layout;
    const int8_t *values;
    uint8_t rows, cols, shift, form;
} ww_matrix;

typedef enum { WW_GATE_SIGMOID = 0, WW_GATE_TANH = 1 } ww_gate;

/* FastGRNN (Kusupati et al. 2018, equations 6 and 7) with W = w1 w2 and U = u1 u2, and a linear classifier. */
typedef struct {
    const int16_t *mean;  /* per mel band, log2 Q9 */
    const int16_t *scale; /* per mel band, Q12, from log2 Q9 to Q12 */
    ww_matrix w1, w2, u1, u2;
    const int16_t *bias_gate, *bias_update; /* per hidden unit, Q12 */
    int16_t zeta, nu;                       /* Q15 */
    uint8_t gate;                           /* a ww_gate */
    uint8_t frames_per_step;                /* in one step of the network */
    uint8_t evidence;                       /* time constant of the average of the logits: 2^evidence steps */
    ww_matrix head;                         /* logits in Q10 */
    const int16_t *head_bias;               /* per label, Q10 */
    const int16_t *threshold;               /* per label, Q15; without effect before first_word */
    uint8_t hidden, rank_w, rank_u, labels;
    uint8_t first_word;      /* the labels before it (silence, unknown) raise no event */
    uint8_t smoothing;       /* time constant of the average of the posteriors: 2^smoothing frames */
    uint16_t refractory;     /* frames after an event without another */
} ww_model;

#endif
