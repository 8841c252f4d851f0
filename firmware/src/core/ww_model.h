/* A trained model as constant data, for the network and the detector: `wakeword export --format c` writes it. All of it
 * may be in flash. */
#ifndef WW_MODEL_H
#define WW_MODEL_H

#include <stdint.h>

#include "ww_processor.h"
#include "ww_tables.h"

/* Counted up with each change of the structs, forms and enumerations below. An exported model checks that it is of the same
 * count, since its members are told apart by their order alone. */
#define WW_MODEL_LAYOUT 1

/* The largest model that the state structs have room for. An exported model checks that it fits. An Uno has 2 KB of RAM,
 * so its models are small. */
#if defined(__AVR__)
#ifndef WW_MAX_HIDDEN
#define WW_MAX_HIDDEN 32
#endif
#ifndef WW_MAX_RANK
#define WW_MAX_RANK 16
#endif
#ifndef WW_MAX_LABELS
#define WW_MAX_LABELS 12
#endif
#ifndef WW_MAX_FRAMES_PER_STEP
#define WW_MAX_FRAMES_PER_STEP 1
#endif
#ifndef WW_MAX_CHANNELS
#define WW_MAX_CHANNELS 0
#endif
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
/* Channels of a convolution in front. With 0 there is none, and 0.4 KB of RAM is saved. */
#ifndef WW_MAX_CHANNELS
#define WW_MAX_CHANNELS 16
#endif
enum {
    WW_DEPTHWISE = 3,    /* bands and frames of the kernel of the depthwise convolution */
    WW_MAX_OUTPUTS = 32, /* of the pointwise convolution */
    WW_MAX_FRAMES = 4,   /* of the kernel of the first convolution */
    WW_MAX_PADDING = 4,  /* bands of zeros above the mel bands */
    WW_MAX_SUMS = 96,    /* channels at all positions of the depthwise convolution */
    WW_MAX_INPUTS = 128  /* of the FastGRNN in a step */
};

/* A matrix of int8, row by row, in one of four forms.
 * WW_DENSE: `layout` holds blocks of four rows, a 32-bit word for each column, the first row in its lowest byte, 128
 * added to each entry; `values` holds the remaining rows.
 * WW_NIBBLES: the same with entries of -8 to 7: 16 bits for each column, four for each row, 8 added.
 * WW_SPARSE: `values` holds the non-zero entries in order, `layout` a bitmap of their places.
 * Any other form is the magnitude of a ternary matrix: sparse, all non-zero entries plus or minus this magnitude, and
 * `values` holds their signs as bits (ww_ternary.h).
 * A product with a vector is shifted right by `shift`, rounding. */
enum { WW_DENSE = 0, WW_NIBBLES = 254, WW_SPARSE = 255 };

/* A matrix of a convolution is applied at many places, so the larger processors have it unpacked, if its rows and columns
 * are multiples of four. WW_PAIRS: `layout` holds blocks of four rows. A block begins with a 32-bit word for
 * each row, from which its sum begins: the bias, shifted left, and half a unit to round by. Then follow for each two
 * columns a word for each row: its two entries as int16, the first in the lower half. */
#if WW_UNPACKED
enum { WW_PAIRS = 253 };
#define WW_IF_UNPACKED(pairs, others) pairs
#else
#define WW_IF_UNPACKED(pairs, others) others
#endif

typedef struct {
    const void *layout;
    const int8_t *values;
    uint8_t rows, cols, shift, form;
} ww_matrix;

/* Convolutions over mel bands and frames, causal in time: a first one and a ReLU, a depthwise one that takes every
 * second position and frame, a pointwise one and a ReLU. A bias has the format of its layer's result. */
typedef struct {
    ww_matrix first;               /* channels x (bands * frames), the frames of a band side by side */
    ww_matrix pointwise;           /* outputs x channels */
    const int16_t *first_bias;
    const int8_t *depthwise;       /* WW_DEPTHWISE * WW_DEPTHWISE rows of channels, the frames of a band in order */
    const int16_t *depthwise_bias;
    const int16_t *pointwise_bias;
    uint8_t frames;                /* of the first kernel */
    uint8_t band_stride, frame_stride; /* 1 or 2 */
    uint8_t depthwise_shift;
    uint8_t positions;             /* of the depthwise convolution */
} ww_convolution;

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
    uint8_t convolved;                      /* whether it is part of a ww_convolved_model */
    ww_matrix head;                         /* logits in Q10 */
    const int16_t *head_bias;               /* per label, Q10 */
    const int16_t *threshold;               /* per label, Q15; without effect before first_word */
    uint8_t hidden, rank_w, rank_u, labels;
    uint8_t first_word;      /* the labels before it (silence, unknown) raise no event */
    uint8_t smoothing;       /* time constant of the average of the posteriors: 2^smoothing frames */
    uint16_t refractory;     /* frames after an event without another */
} ww_model;

/* A model with convolutions, which make the inputs of w2. Give a pointer to its `model` where a ww_model is wanted. */
typedef struct {
    ww_model model;
    ww_convolution convolution;
} ww_convolved_model;

#endif
