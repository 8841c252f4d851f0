/* A keyword-spotting model, written by `wakeword export`. Include it in one source file: its data is static.
 *
 * Labels: "_silence_", "_unknown_", "word0", "word1", "word2", "word3"
 * Provenance: {"made": "at random"}
 * Size: 996 bytes on a 32-bit chip
 */
#ifndef WAKEWORD_MODEL_H
#define WAKEWORD_MODEL_H

#include "ww_model.h"

#if WW_FEATURIZER_ID != 0x730d9b87u
#error "this model was trained on featurizer 730d9b87, the core has another: take both from one version"
#endif
#if WW_MODEL_LAYOUT != 1
#error "this model was exported for a core of another version: export it again by the version of the core"
#endif
#if WW_MAX_HIDDEN < 24
#error "compile this model and the core with WW_MAX_HIDDEN of at least 24"
#endif
#if WW_MAX_RANK < 8
#error "compile this model and the core with WW_MAX_RANK of at least 8"
#endif
#if WW_MAX_LABELS < 6
#error "compile this model and the core with WW_MAX_LABELS of at least 6"
#endif
#if WW_MAX_FRAMES_PER_STEP < 1
#error "compile this model and the core with WW_MAX_FRAMES_PER_STEP of at least 1"
#endif

#define WAKEWORD_MODEL_ID 0x7af19d62u

static const int16_t wakeword_mean[32] = {
    5350, 3046, 2437, 3193, 3655, 5256, 3805, 2367, 3339, 4400, 5252, 4914, 5971, 2751, 5520, 2220,
    4232, 3099, 2805, 4629, 3222, 4249, 3040, 2600, 4996, 3730, 4714, 4677, 5780, 3691, 2878, 4532,
};

static const int16_t wakeword_scale[32] = {
    11479, 11739, 10943, 9464, 7041, 7132, 4318, 5498, 6663, 6767, 8637, 8088, 9539, 11129, 11016, 10204,
    11812, 6545, 11259, 11393, 5790, 7767, 8555, 9550, 9602, 4857, 7815, 4836, 11662, 5615, 7592, 11075,
};

static const int16_t wakeword_bias_gate[24] = {
    7395, 7838, 6940, 3317, 7964, -1113, 4730, 3137, 7702, 238, 709, -6237, 7425, -4502, -2583, 2000,
    3458, 2806, -2237, -983, -826, -3831, 337, -7093,
};

static const int16_t wakeword_bias_update[24] = {
    -1666, 1987, 739, -2401, 1238, 1720, 1259, 3532, 1345, 2582, -3888, 737, 1873, -3568, -3333, 1640,
    2678, 3851, 3560, -1560, 3239, 2707, 3952, 310,
};

static const int16_t wakeword_head_bias[6] = {
    394, -734, 86, 34, 989, 915,
};

static const int16_t wakeword_threshold[6] = {
    0, 0, 9000, 9000, 9000, 9000,
};

static const int8_t wakeword_w1_values[81] = {
    37, 4, 24, -7, 92, -4, 100, -108, 49, -41, -102, -118, 101, -45, -14, 121,
    -35, -77, 123, -81, -99, -122, 91, -31, -57, -3, 31, 32, -14, 64, 19, -79,
    2, 12, -70, -117, -4, 109, -63, 73, -106, -124, -119, -125, 83, 3, -14, -63,
    -46, -66, -115, 127, 72, 32, -126, 94, -90, -74, 68, -15, -50, 29, -127, -55,
    -9, -54, 46, 121, 118, 48, -105, -99, 43, 103, 94, -65, 75, 69, 122, 31,
    83,
};

static const uint8_t wakeword_w1_bitmap[27] = {
    32, 58, 19, 10, 10, 150, 192, 137, 86, 90, 202, 12, 242, 39, 148, 79,
    189, 235, 84, 21, 173, 51, 32, 32, 0, 0, 0,
};

static const int8_t wakeword_w2_values[95] = {
    118, -40, -65, -113, -96, 69, 41, 89, -1, -71, 71, -44, -26, 78, -87, -127,
    55, -94, -5, -50, 108, 30, 25, -80, 124, 72, -12, 49, -8, 96, 30, -117,
    -3, -62, 65, 101, 74, -75, 78, 86, 119, 88, 27, -32, 60, 33, 104, -1,
    -84, -4, -81, 12, 93, 21, 117, 80, 127, 48, -7, -74, -77, -43, 63, 109,
    -16, -109, -62, 4, -53, -12, 33, 38, -32, -103, 118, 84, 37, -61, 122, 45,
    18, 82, -84, 65, 83, 126, 37, -2, 58, -106, 104, -97, -12, -15, 90,
};

static const uint8_t wakeword_w2_bitmap[35] = {
    137, 134, 202, 132, 0, 21, 77, 114, 142, 40, 130, 1, 201, 229, 38, 10,
    200, 52, 82, 33, 96, 132, 40, 132, 89, 72, 206, 201, 38, 19, 216, 236,
    0, 0, 0,
};

static const int8_t wakeword_u1_values[69] = {
    96, 52, -109, -21, 69, -69, -68, 18, -110, -87, -116, 110, -120, -53, -94, -87,
    37, 13, 84, 60, 48, -86, -78, 35, -29, -57, 42, 29, 16, 9, 57, -67,
    9, -31, 35, -75, 15, 23, 113, 37, -27, 25, -88, -89, 105, -21, 70, -12,
    4, -88, -63, -94, -36, -83, 7, -27, 69, 61, 44, 53, 62, 60, -126, -94,
    -35, -62, -60, -64, 53,
};

static const uint8_t wakeword_u1_bitmap[27] = {
    210, 34, 2, 112, 19, 26, 33, 33, 136, 42, 42, 5, 155, 32, 161, 0,
    188, 31, 36, 56, 18, 55, 149, 197, 0, 0, 0,
};

static const int8_t wakeword_u2_values[75] = {
    -27, 72, -87, 56, 5, 84, 34, 34, -85, 72, -75, -115, -89, 60, 79, -54,
    10, -3, -3, -117, 18, -40, 20, 104, 65, -83, 44, -40, -84, -65, -42, -80,
    -113, 59, -40, 77, -70, 36, 123, -5, 73, -84, 127, -86, 62, -69, -109, 1,
    -20, 10, -115, -98, 59, 21, -115, 107, -25, 67, -27, 93, 2, -63, 7, 124,
    126, -58, 82, -35, -99, 85, 92, -118, 121, -77, -11,
};

static const uint8_t wakeword_u2_bitmap[27] = {
    37, 54, 20, 20, 17, 34, 91, 161, 9, 0, 224, 157, 40, 46, 212, 176,
    90, 190, 152, 104, 156, 113, 24, 37, 0, 0, 0,
};

static const uint32_t wakeword_head_blocks[24] = {
    0xc3b5803cu, 0x29f771bau, 0x09da885cu, 0x9e071b4du, 0x27678e17u, 0xe5b87d7bu, 0x77402543u, 0x5ef58419u,
    0x01925ff2u, 0x9af61d1fu, 0x2b98b294u, 0xfa98274au, 0xbb9ea9adu, 0xd6c9fbb7u, 0x063c157fu, 0x04aed465u,
    0x386e6fe6u, 0xad055cddu, 0x797712fau, 0x1c4608a9u, 0xcffeecddu, 0xf4f045ebu, 0x980997b1u, 0xb81a8dcau,
};

static const int8_t wakeword_head_values[48] = {
    53, 103, 116, -2, 50, -112, -6, -74, 86, -106, 55, 65, 11, 96, -96, -12,
    -77, 86, -66, -72, -39, -16, 127, -20, 16, -2, -19, -120, -102, -84, -45, -100,
    38, 38, -27, -6, 76, 126, -127, 35, -5, -75, -118, -101, 80, 47, 72, 82,
};

static const ww_model wakeword_model = {
    /* mean */ wakeword_mean,
    /* scale */ wakeword_scale,
    /* w1 */ {wakeword_w1_bitmap, wakeword_w1_values, 24, 8, 7, 255},
    /* w2 */ {wakeword_w2_bitmap, wakeword_w2_values, 8, 32, 8, 255},
    /* u1 */ {wakeword_u1_bitmap, wakeword_u1_values, 24, 8, 7, 255},
    /* u2 */ {wakeword_u2_bitmap, wakeword_u2_values, 8, 24, 8, 255},
    /* bias_gate */ wakeword_bias_gate,
    /* bias_update */ wakeword_bias_update,
    /* zeta */ 26615,
    /* nu */ 3128,
    /* gate */ WW_GATE_SIGMOID,
    /* frames_per_step */ 1,
    /* evidence */ 0,
    /* convolved */ 0,
    /* head */ {wakeword_head_blocks, wakeword_head_values, 6, 24, 7, 0},
    /* head_bias */ wakeword_head_bias,
    /* threshold */ wakeword_threshold,
    /* hidden */ 24,
    /* rank_w */ 8,
    /* rank_u */ 8,
    /* labels */ 6,
    /* first_word */ 2,
    /* smoothing */ 2,
    /* refractory */ 20,
};

static const char *const wakeword_labels[6] = {
    "_silence_",
    "_unknown_",
    "word0",
    "word1",
    "word2",
    "word3",
};

#endif
