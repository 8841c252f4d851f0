/* A network at a serial line, for a board that is too small for the front end. The host sends features frame by frame,
 * the board answers with its posteriors. docs/serial-link.md is the specification. */
#ifndef WW_NETWORK_H
#define WW_NETWORK_H

#include "../core/ww_fastgrnn.h"
#include "ww_link.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    const ww_model *model;
    uint32_t model_id;
    ww_write write;
    ww_receiver receiver;
    ww_fastgrnn network;
    int16_t posteriors[WW_MAX_LABELS];
    uint32_t frames;
} ww_network;

/* Begins, and sends hello. */
void ww_network_begin(ww_network *device, const ww_model *model, uint32_t model_id, ww_write write);

/* Takes a byte from the host. */
void ww_network_receive(ww_network *device, uint8_t byte);

#ifdef __cplusplus
}
#endif

#endif
