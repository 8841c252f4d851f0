/* A board at a serial line. It listens to its microphone and sends events and its health. In a self-test it computes on
 * samples from the host and sends all posteriors. The caller passes bytes and samples on. */
#ifndef WW_DEVICE_H
#define WW_DEVICE_H

#include "../core/ww_combined.h"
#include "ww_link.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    ww_engine engine;
    const char *const *labels;
    ww_further *further; /* ww_combined_add and ww_combined_then put models here; their events are sent too */
    uint32_t model_id;
    ww_write write;
    ww_receiver receiver;
    uint32_t samples;      /* since the last reset of the engine */
    uint32_t last_status;  /* frames at the last status */
    int16_t peak;          /* since the last status */
    uint8_t in_test;
} ww_device;

/* Measured by the board. */
typedef struct {
    uint32_t lost;         /* samples, since it was started */
    uint32_t busiest;      /* longest frame since the last status, in microseconds */
    uint32_t stack_free;   /* bytes */
} ww_health;

/* Begins with this model alone, and sends hello. Hello and a self-test's posteriors are of this model. */
void ww_device_begin(ww_device *device, const ww_model *model, const char *const *labels, uint32_t model_id,
                     ww_write write);

/* Takes samples of the microphone; ignores them in a self-test. */
void ww_device_push(ww_device *device, const int16_t *samples, uint32_t count);

/* Takes a byte from the host. */
void ww_device_receive(ww_device *device, uint8_t byte);

/* Returns whether a second has passed since the last status; sends the status. */
int ww_device_status_due(const ww_device *device);
void ww_device_send_status(ww_device *device, const ww_health *health);

#ifdef __cplusplus
}
#endif

#endif
