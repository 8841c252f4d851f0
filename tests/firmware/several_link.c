/* A board at a serial line, with the three models of run_combined.c: its microphone is raw 16-bit samples on stdin, what
 * it sends goes to stdout. */
#include <stdio.h>

#include "command_model.h"
#include "first_model.h"
#include "link/ww_device.h"
#include "second_model.h"

static ww_device device;
static ww_further second, command;

static void send(const uint8_t *bytes, uint16_t count)
{
    fwrite(bytes, 1, count, stdout);
}

int main(void)
{
    int16_t samples[160];
    size_t count;
    ww_device_begin(&device, &first_model, first_labels, FIRST_MODEL_ID, send);
    ww_combined_add(&device.further, &second, &second_model, second_labels);
    ww_combined_then(&device.further, &command, &command_model, command_labels, 40);
    while ((count = fread(samples, sizeof *samples, 160, stdin)) > 0)
        ww_device_push(&device, samples, (uint32_t)count);
    return 0;
}
