#include "ww_binary.h"

#include <string.h>

#if !defined(__BYTE_ORDER__) || __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the numbers of a model are used where they lie, so they must be little endian here"
#endif

/* Places in the header. */
enum {
    VERSION = 3, /* behind the magic */
    SIZE = 4,
    CHECKSUM = 8,
    FRONT_END = 12, /* the first byte that the checksum covers */
    HIDDEN = 16,
    RANK_W = 17,
    RANK_U = 18,
    LABELS = 19,
    FIRST_WORD = 20,
    FRAMES_PER_STEP = 21,
    EVIDENCE = 22,
    SMOOTHING = 23,
    GATE = 24,
    CONVOLVED = 25,
    REFRACTORY = 26,
    ZETA = 28,
    NU = 30,
    MATRICES = 32, /* form and shift of w1, w2, u1, u2, head */
    CHANNELS = 44,
    BANDS = 45, /* of the first convolution */
    FRAMES = 46,
    OUTPUTS = 47,
    BAND_STRIDE = 48,
    FRAME_STRIDE = 49,
    CONVOLUTIONS = 50, /* form and shift of first and pointwise */
    DEPTHWISE_SHIFT = 54,
    HEADER = 56
};

#define FORMAT 1
#define MAX_SHIFT 31
#define MAX_MAGNITUDE 128 /* of a ternary matrix */
#define BITMAP_PADDING 3  /* a 32-bit load may read them with the last byte */
#define MAX_LABEL 200     /* bytes */

typedef struct {
    uint8_t place, least, most;
} range;

static const range of_model[] = {
    {HIDDEN, 1, WW_MAX_HIDDEN},
    {RANK_W, 1, WW_MAX_RANK},
    {RANK_U, 1, WW_MAX_RANK},
    {LABELS, 1, WW_MAX_LABELS},
    {FIRST_WORD, 0, WW_MAX_LABELS},
    {FRAMES_PER_STEP, 1, WW_MAX_FRAMES_PER_STEP},
    {EVIDENCE, 0, 8},
    {SMOOTHING, 0, 15},
    {GATE, 0, WW_GATE_TANH},
    {CONVOLVED, 0, 1},
    {ZETA + 1, 0, INT8_MAX}, /* not negative */
    {NU + 1, 0, INT8_MAX},
};

static const range of_convolution[] = {
    {CHANNELS, 1, WW_MAX_CHANNELS},
    {BANDS, 1, WW_MEL_BANDS},
    {FRAMES, 1, WW_MAX_FRAMES},
    {OUTPUTS, 1, WW_MAX_OUTPUTS},
    {BAND_STRIDE, 1, 2},
    {FRAME_STRIDE, 1, 2},
    {DEPTHWISE_SHIFT, 0, MAX_SHIFT},
};

static int are_within(const uint8_t *header, const range *ranges, int count)
{
    for (; count > 0; count--, ranges++)
        if (header[ranges->place] < ranges->least || header[ranges->place] > ranges->most)
            return 0;
    return 1;
}

#define ARE_WITHIN(header, ranges) are_within(header, ranges, sizeof ranges / sizeof *ranges)

static uint32_t read16(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8;
}

static uint32_t read32(const uint8_t *bytes)
{
    return read16(bytes) | read16(bytes + 2) << 16;
}

/* CRC-32 as of zlib. Without a table: a model is loaded once. */
static uint32_t checksum(const uint8_t *bytes, uint32_t size)
{
    uint32_t sum = 0xFFFFFFFFu;
    int bit;
    for (; size > 0; size--)
        for (sum ^= *bytes++, bit = 0; bit < 8; bit++)
            sum = sum / 2 ^ (sum & 1 ? 0xEDB88320u : 0);
    return ~sum;
}

/* The arrays that are not taken yet. */
typedef struct {
    const uint8_t *at;
    uint32_t left;
} rest;

/* Returns the next array, or null if there are fewer bytes. Each begins at a multiple of four. */
static const void *take(rest *arrays, uint32_t size)
{
    const uint8_t *array = arrays->at;
    const uint32_t padded = (size + 3) & ~(uint32_t)3;
    if (!array || padded > arrays->left) {
        arrays->at = 0; /* nor any after it */
        return 0;
    }
    arrays->at += padded;
    arrays->left -= padded;
    return array;
}

static const int16_t *take16(rest *arrays, int count)
{
    return (const int16_t *)take(arrays, 2 * (uint32_t)count);
}

/* Counts the entries that are not zero: the marks of the columns. The bits behind a row's last column are none. */
static uint32_t marks(const uint8_t *bitmap, int rows, int cols)
{
    uint32_t count = 0;
    int col;
    for (; rows > 0; rows--, bitmap += (cols + 7) / 8)
        for (col = 0; col < cols; col++)
            count += (bitmap[col / 8] & 1u << col % 8) != 0;
    return count;
}

/* Fills a matrix whose form and shift are given. Returns 0 if there is no such form or shift, or too few bytes. */
static int take_matrix(rest *arrays, const uint8_t *form_and_shift, int rows, int cols, ww_matrix *matrix)
{
    const uint8_t form = form_and_shift[0];
    const uint32_t blocks = (uint32_t)(rows / 4 * cols);
    uint32_t count = (uint32_t)(rows % 4 * cols);
    matrix->rows = (uint8_t)rows;
    matrix->cols = (uint8_t)cols;
    matrix->form = form;
    matrix->shift = form_and_shift[1];
    if (form == WW_DENSE) {
        matrix->layout = take(arrays, 4 * blocks);
    } else if (form == WW_NIBBLES) {
        matrix->layout = take(arrays, 2 * blocks);
    } else if (form == WW_SPARSE || form <= MAX_MAGNITUDE) {
        matrix->layout = take(arrays, (uint32_t)(rows * ((cols + 7) / 8) + BITMAP_PADDING));
        if (!matrix->layout)
            return 0;
        count = marks((const uint8_t *)matrix->layout, rows, cols);
        count = form == WW_SPARSE ? count : (count + 7) / 8;
    } else {
        return 0;
    }
    matrix->values = (const int8_t *)take(arrays, count);
    return matrix->values && matrix->shift <= MAX_SHIFT;
}

/* Returns how many strides the length has, rounded up. */
static int strides(int length, int stride)
{
    return length <= 0 ? 0 : (length + stride - 1) / stride;
}

/* Returns the positions of the depthwise convolution (wakeword/model/convolution.py). With them no kernel reaches beyond
 * WW_MAX_PADDING. */
static int positions_of(int bands, int stride)
{
    const int first = 1 + strides(WW_MEL_BANDS - bands, stride);
    return 1 + strides(first - WW_DEPTHWISE, 2);
}

/* Fills the convolutions and returns the numbers that they give to the cell, or 0 if the core can't run them. */
static uint32_t take_convolution(rest *arrays, const uint8_t *header, ww_convolution *convolution)
{
    const uint8_t *forms = header + CONVOLUTIONS;
    const int channels = header[CHANNELS], bands = header[BANDS], frames = header[FRAMES], outputs = header[OUTPUTS];
    const int stride = header[BAND_STRIDE];
    int positions;
    if (!ARE_WITHIN(header, of_convolution) || bands < stride || frames < header[FRAME_STRIDE] ||
        header[FRAMES_PER_STEP] != 2 * header[FRAME_STRIDE])
        return 0;
    positions = positions_of(bands, stride);
    if (positions * channels > WW_MAX_SUMS || positions * outputs > WW_MAX_INPUTS)
        return 0;
    convolution->frames = (uint8_t)frames;
    convolution->band_stride = (uint8_t)stride;
    convolution->frame_stride = header[FRAME_STRIDE];
    convolution->depthwise_shift = header[DEPTHWISE_SHIFT];
    convolution->positions = (uint8_t)positions;
    if (!take_matrix(arrays, forms, channels, bands * frames, &convolution->first) ||
        !take_matrix(arrays, forms + 2, outputs, channels, &convolution->pointwise))
        return 0;
    convolution->depthwise = (const int8_t *)take(arrays, (uint32_t)(WW_DEPTHWISE * WW_DEPTHWISE * channels));
    convolution->first_bias = take16(arrays, channels);
    convolution->depthwise_bias = take16(arrays, channels);
    convolution->pointwise_bias = take16(arrays, outputs);
    return (uint32_t)(positions * outputs);
}

/* Fills the numbers of a model that are no arrays. They must be within their ranges. */
static void read_scalars(const uint8_t *header, ww_model *model)
{
    model->hidden = header[HIDDEN];
    model->rank_w = header[RANK_W];
    model->rank_u = header[RANK_U];
    model->labels = header[LABELS];
    model->first_word = header[FIRST_WORD];
    model->frames_per_step = header[FRAMES_PER_STEP];
    model->evidence = header[EVIDENCE];
    model->smoothing = header[SMOOTHING];
    model->gate = header[GATE];
    model->convolved = header[CONVOLVED];
    model->refractory = (uint16_t)read16(header + REFRACTORY);
    model->zeta = (int16_t)read16(header + ZETA);
    model->nu = (int16_t)read16(header + NU);
}

/* Fills the matrices and their convolutions; returns 0 if a number is out of range or bytes are missing. */
static int take_matrices(rest *arrays, const uint8_t *header, ww_convolved_model *both)
{
    ww_model *model = &both->model;
    const uint8_t *forms = header + MATRICES;
    uint32_t inputs = WW_MEL_BANDS * (uint32_t)model->frames_per_step;
    if (model->convolved && !(inputs = take_convolution(arrays, header, &both->convolution)))
        return 0;
    return take_matrix(arrays, forms, model->hidden, model->rank_w, &model->w1) &&
           take_matrix(arrays, forms + 2, model->rank_w, (int)inputs, &model->w2) &&
           take_matrix(arrays, forms + 4, model->hidden, model->rank_u, &model->u1) &&
           take_matrix(arrays, forms + 6, model->rank_u, model->hidden, &model->u2) &&
           take_matrix(arrays, forms + 8, model->labels, model->hidden, &model->head);
}

/* Likewise fills the other arrays. */
static int take_vectors(rest *arrays, ww_model *model)
{
    int label;
    model->mean = take16(arrays, WW_MEL_BANDS);
    model->scale = take16(arrays, WW_MEL_BANDS);
    model->bias_gate = take16(arrays, model->hidden);
    model->bias_update = take16(arrays, model->hidden);
    model->head_bias = take16(arrays, model->labels);
    model->threshold = take16(arrays, model->labels);
    for (label = 0; arrays->at && label < model->labels; label++)
        if (model->threshold[label] < 0)
            return 0;
    return arrays->at != 0;
}

/* Returns whether the labels fill the rest, but for less than four bytes of padding. */
static int labels_fill(rest arrays, int labels)
{
    for (; labels > 0; labels--) {
        const uint32_t size = arrays.left ? arrays.at[0] : 0;
        if (size == 0 || size > MAX_LABEL || size >= arrays.left)
            return 0;
        arrays.at += 1 + size;
        arrays.left -= 1 + size;
    }
    return arrays.left < 4;
}

ww_binary_result ww_binary_load(ww_binary *binary, const uint8_t *bytes, uint32_t size)
{
    rest arrays;
    memset(binary, 0, sizeof *binary);
    if (size < 4 || bytes[0] != 'W' || bytes[1] != 'W' || bytes[2] != 'M')
        return WW_BINARY_NO_MODEL;
    if (bytes[VERSION] != FORMAT)
        return WW_BINARY_OTHER_VERSION;
    if (size < HEADER || read32(bytes + SIZE) != size ||
        read32(bytes + CHECKSUM) != checksum(bytes + FRONT_END, size - FRONT_END))
        return WW_BINARY_DAMAGED;
    if (read32(bytes + FRONT_END) != WW_FEATURIZER_ID)
        return WW_BINARY_OTHER_FRONT_END;
    arrays.at = bytes + HEADER;
    arrays.left = size - HEADER;
    if (!ARE_WITHIN(bytes, of_model) || bytes[FIRST_WORD] >= bytes[LABELS])
        return WW_BINARY_OUT_OF_RANGE;
    read_scalars(bytes, &binary->both.model);
    if (!take_matrices(&arrays, bytes, &binary->both) || !take_vectors(&arrays, &binary->both.model) ||
        !labels_fill(arrays, bytes[LABELS]))
        return WW_BINARY_OUT_OF_RANGE;
    binary->labels = arrays.at;
    return WW_BINARY_GOOD;
}
