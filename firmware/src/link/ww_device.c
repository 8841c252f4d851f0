#include "ww_device.h"

static void restart(ww_device *device)
{
    ww_engine_reset(&device->engine, device->engine.recognizer.model);
    ww_combined_reset(device->further);
    device->samples = 0;
    device->last_status = 0;
    device->peak = 0;
}

static void send_hello(const ww_device *device)
{
    ww_sender sender;
    ww_sender_begin(&sender, 'H');
    ww_sender_add(&sender, device->model_id, 4);
    ww_sender_add(&sender, WW_FEATURIZER_ID, 4);
    ww_sender_finish(&sender, device->write);
}

static void send_event(const ww_device *device, const ww_event *event, const char *const *labels)
{
    const char *letter = labels[event->label];
    ww_sender sender;
    ww_sender_begin(&sender, 'E');
    ww_sender_add(&sender, event->frame, 4);
    ww_sender_add(&sender, (uint16_t)event->score, 2);
    ww_sender_add(&sender, event->label, 1);
    while (*letter)
        ww_sender_add(&sender, (uint8_t)*letter++, 1);
    ww_sender_finish(&sender, device->write);
}

/* The checksum of values in the byte order of the line. */
static uint16_t checksum_of(const int16_t *values, int count)
{
    return ww_checksum((const uint8_t *)values, (uint32_t)count * (uint32_t)sizeof *values);
}

static void send_frame(const ww_device *device)
{
    const ww_engine *engine = &device->engine;
    ww_sender sender;
    int label;
    ww_sender_begin(&sender, 'P');
    ww_sender_add(&sender, engine->recognizer.detector.frame - 1, 4);
    ww_sender_add(&sender, checksum_of(engine->features, WW_MEL_BANDS), 2);
    ww_sender_add(&sender, checksum_of(engine->recognizer.network.hidden, engine->recognizer.model->hidden), 2);
    for (label = 0; label < engine->recognizer.model->labels; label++)
        ww_sender_add(&sender, (uint16_t)engine->recognizer.posteriors[label], 2);
    ww_sender_finish(&sender, device->write);
}

static void send_samples(const ww_device *device)
{
    ww_sender sender;
    ww_sender_begin(&sender, 'A');
    ww_sender_add(&sender, device->samples, 4);
    ww_sender_finish(&sender, device->write);
}

/* Gives the last frame to the further models, and sends their events. */
static void compute_further(ww_device *device, int has_event)
{
    const ww_further *further;
    ww_combined_step(device->further, &device->engine, has_event);
    for (further = device->further; further; further = further->next)
        if (further->has_event)
            send_event(device, &further->event, further->labels);
}

static void compute(ww_device *device, const int16_t *samples, uint32_t count)
{
    device->samples += count;
    while (count > 0) {
        uint32_t taken = count;
        ww_event event;
        int result = ww_engine_push(&device->engine, samples, &taken, &event);
        if (device->in_test && (result & WW_FRAME))
            send_frame(device);
        if (result & WW_EVENT)
            send_event(device, &event, device->labels);
        if (result & WW_FRAME)
            compute_further(device, result & WW_EVENT);
        samples += taken;
        count -= taken;
    }
}

void ww_device_begin(ww_device *device, const ww_model *model, const char *const *labels, uint32_t model_id,
                     ww_write write)
{
    device->engine.recognizer.model = model;
    device->labels = labels;
    device->further = 0;
    device->model_id = model_id;
    device->write = write;
    device->in_test = 0;
    ww_receiver_reset(&device->receiver);
    restart(device);
    send_hello(device);
}

void ww_device_push(ww_device *device, const int16_t *samples, uint32_t count)
{
    uint32_t i;
    if (device->in_test)
        return;
    for (i = 0; i < count; i++) {
        int16_t magnitude = (int16_t)(samples[i] < 0 ? -(samples[i] + 1) : samples[i]);
        if (magnitude > device->peak)
            device->peak = magnitude;
    }
    compute(device, samples, count);
}

static void take_samples(ww_device *device, const ww_message *message)
{
    int i;
    for (i = 0; i + 1 < message->size; i += 2) {
        int16_t sample = (int16_t)(message->payload[i] | (uint16_t)(message->payload[i + 1] << 8));
        compute(device, &sample, 1);
    }
    send_samples(device);
}

static void set_test(ww_device *device, uint8_t in_test)
{
    device->in_test = in_test;
    restart(device);
    send_samples(device);
}

void ww_device_receive(ww_device *device, uint8_t byte)
{
    ww_message message;
    if (!ww_receiver_take(&device->receiver, byte, &message))
        return;
    if (message.type == 'h')
        send_hello(device);
    else if (message.type == 't')
        set_test(device, 1);
    else if (message.type == 'm')
        set_test(device, 0);
    else if (message.type == 'a' && device->in_test)
        take_samples(device, &message);
}

int ww_device_status_due(const ww_device *device)
{
    return device->engine.recognizer.detector.frame - device->last_status >= WW_FRAMES_PER_SECOND;
}

void ww_device_send_status(ww_device *device, const ww_health *health)
{
    ww_sender sender;
    device->last_status = device->engine.recognizer.detector.frame;
    ww_sender_begin(&sender, 'S');
    ww_sender_add(&sender, device->last_status, 4);
    ww_sender_add(&sender, (uint16_t)device->peak, 2);
    ww_sender_add(&sender, health->lost, 4);
    ww_sender_add(&sender, health->busiest, 4);
    ww_sender_add(&sender, health->stack_free, 4);
    ww_sender_finish(&sender, device->write);
    device->peak = 0;
}
