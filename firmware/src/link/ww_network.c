#include "ww_network.h"

#include <string.h>

static void send_hello(const ww_network *device)
{
    ww_sender sender;
    ww_sender_begin(&sender, 'H');
    ww_sender_add(&sender, device->model_id, 4);
    ww_sender_add(&sender, WW_FEATURIZER_ID, 4);
    ww_sender_finish(&sender, device->write);
}

static void send_frame(const ww_network *device, uint16_t features_checksum)
{
    ww_sender sender;
    int label;
    ww_sender_begin(&sender, 'P');
    ww_sender_add(&sender, device->frames - 1, 4);
    ww_sender_add(&sender, features_checksum, 2);
    ww_sender_add(&sender, ww_checksum((const uint8_t *)device->network.hidden, 2u * device->model->hidden), 2);
    for (label = 0; label < device->model->labels; label++)
        ww_sender_add(&sender, (uint16_t)device->posteriors[label], 2);
    ww_sender_finish(&sender, device->write);
}

static void restart(ww_network *device)
{
    ww_sender sender;
    ww_fastgrnn_reset(&device->network);
    memset(device->posteriors, 0, sizeof device->posteriors);
    device->frames = 0;
    ww_sender_begin(&sender, 'A');
    ww_sender_add(&sender, 0, 4);
    ww_sender_finish(&sender, device->write);
}

static void step(ww_network *device, const ww_message *message)
{
    int16_t features[WW_MEL_BANDS];
    ww_fastgrnn_scratch scratch;
    if (message->size != sizeof features)
        return;
    memcpy(features, message->payload, sizeof features); /* both have the least significant byte first */
    ww_fastgrnn_step(device->model, &device->network, &scratch, features, device->posteriors);
    device->frames++;
    send_frame(device, ww_checksum((const uint8_t *)features, sizeof features));
}

void ww_network_begin(ww_network *device, const ww_model *model, uint32_t model_id, ww_write write)
{
    device->model = model;
    device->model_id = model_id;
    device->write = write;
    ww_receiver_reset(&device->receiver);
    restart(device);
    send_hello(device);
}

void ww_network_receive(ww_network *device, uint8_t byte)
{
    ww_message message;
    if (!ww_receiver_take(&device->receiver, byte, &message))
        return;
    if (message.type == 'h')
        send_hello(device);
    else if (message.type == 't')
        restart(device);
    else if (message.type == 'f')
        step(device, &message);
}
