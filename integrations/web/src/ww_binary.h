/* A model as one flat piece of bytes, which a program loads while it runs. wakeword/model/export_binary.py writes it and
 * describes the format. Any bytes may be given: what is read lies within them, and a model that the core can't run is
 * refused. */
#ifndef WW_BINARY_H
#define WW_BINARY_H

#include <stdint.h>

#include "ww_model.h"

enum { WW_BINARY_ALIGNMENT = 4 }; /* of the first byte in memory */

typedef enum {
    WW_BINARY_GOOD = 0,
    WW_BINARY_NO_MODEL = 1,        /* doesn't begin as one */
    WW_BINARY_OTHER_VERSION = 2,   /* of the format */
    WW_BINARY_OTHER_FRONT_END = 3, /* was trained on other features than this core computes */
    WW_BINARY_DAMAGED = 4,         /* truncated, longer than it says, or changed */
    WW_BINARY_OUT_OF_RANGE = 5     /* whole, with a number that the core can't run */
} ww_binary_result;

/* What the bytes hold. All pointers of `both` and `labels` point into the bytes, which must stay as long as the model is
 * used. The thresholds, `both.model.threshold`, may be changed there. */
typedef struct {
    ww_convolved_model both;
    const uint8_t *labels; /* of each label its length and its bytes of UTF-8 */
} ww_binary;

/* Fills `binary` from `size` bytes, if it returns WW_BINARY_GOOD; give &binary->both.model to the engine. */
ww_binary_result ww_binary_load(ww_binary *binary, const uint8_t *bytes, uint32_t size);

#endif
