/* Loads models, each after its size in four bytes, from stdin, and prints each result. A model that is good runs on noise.
 * Each lies in memory of just its size, so that the address sanitizer sees any byte that is read beyond it. */
#include <stdio.h>
#include <stdlib.h>

#include "ww_binary.h"
#include "ww_engine.h"

static ww_engine engine;
static ww_binary binary;

static void run(void)
{
    static int16_t samples[16 * WW_HOP];
    const int16_t *at = samples;
    uint32_t count = sizeof samples / sizeof *samples, taken, random = 1;
    ww_event event;
    for (taken = 0; taken < count; taken++) {
        random = random * 1664525u + 1013904223u;
        samples[taken] = (int16_t)((int)(random >> 16) - 32768);
    }
    ww_engine_reset(&engine, &binary.both.model);
    for (; count > 0; count -= taken, at += taken) {
        taken = count;
        ww_engine_push(&engine, at, &taken, &event);
    }
}

int main(void)
{
    uint32_t size;
    while (fread(&size, sizeof size, 1, stdin) == 1) {
        uint8_t *bytes = malloc(size);
        ww_binary_result result;
        if (fread(bytes, 1, size, stdin) != size)
            return 1;
        result = ww_binary_load(&binary, bytes, size);
        printf("%d\n", (int)result);
        if (result == WW_BINARY_GOOD)
            run();
        free(bytes);
    }
    return 0;
}
