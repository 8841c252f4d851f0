/* A board at a serial line: it hears by its microphone and tells events and its health, or, in a self-test, computes
 * on samples that the host sends and tells all posteriors. The caller carries bytes and samples. */
#ifndef WW_DEVICE_H
#define WW_DEVICE_H

#include "../core/ww_engine.h"
#include "ww_link.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    ww_engine engine;
    const char *const *labels;
    uint32_t model_id;
    ww_write write;
    ww_receiver receiver;
    uint32_t samples;      /* since the last reset of the engine */
    uint32_t told;         /* frames at the last status */
    int16_t peak;          /* since the last status */
    uint8_t in_test;
} ww_device;

/* What only the board knows. */
typedef struct {
    uint32_t lost;         /* samples, since it was started */
    uint32_t busiest;      /* microseconds that a frame took at most, since the last status */
    uint32_t stack_free;   /* bytes */
} ww_health;

/* Begins, and says hello. */
void ww_device_begin(ww_device *device, const ww_model *model, const char *const *labels, uint32_t model_id,
                     ww_write write);

/* Takes samples of the microphone; ignores them in a self-test. */
void ww_device_push(ww_device *device, const int16_t *samples, uint32_t count);

/* A byte from the host. */
void ww_device_take(ww_device *device, uint8_t byte);

/* Whether a second has gone by since the last status, and the status. */
int ww_device_owes_status(const ww_device *device);
void ww_device_tell_status(ww_device *device, const ww_health *health);

#ifdef __cplusplus
}
#endif

#endif
