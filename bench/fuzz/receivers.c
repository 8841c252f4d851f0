/* Feeds strings from standard input to the receivers of the serial link, as a board does: a length of 16 bits, least
 * significant byte first, then so many bytes. Checks that each receiver still answers behind each string, and that all
 * that it sends are sound messages. Ends with status 1 if not; the sanitizers end it at any other fault. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "link/ww_device.h"
#include "link/ww_network.h"
#include "wakeword_model.h"

#define SECONDS 20 /* for one string, after which it counts as hanging */

static ww_receiver host;
static unsigned long sent, answered;

/* Takes what a board sends. */
static void take(const uint8_t *bytes, uint16_t count)
{
    ww_message message;
    uint16_t i;
    for (i = 0; i < count; i++) {
        if (ww_receiver_take(&host, bytes[i], &message)) {
            sent++;
            answered += message.type == 'H';
        } else if (bytes[i] == 0) {
            fputs("a board sent a message that is not sound\n", stderr);
            _exit(1);
        }
    }
}

static void send_hello(void (*receive)(uint8_t))
{
    const uint8_t hello[] = {0, 5, WW_LINK_VERSION, 'h', 0, 0, 0};
    uint8_t line[sizeof hello];
    const uint16_t checksum = (uint16_t)~ww_checksum(hello + 2, 2);
    size_t i;
    memcpy(line, hello, sizeof hello);
    line[4] = (uint8_t)(checksum / 256);
    line[5] = (uint8_t)checksum;
    for (i = 0; i < sizeof line; i++)
        receive(line[i]);
}

static ww_device device;
static ww_network network;

static void receive_by_device(uint8_t byte)
{
    ww_device_receive(&device, byte);
}

static void receive_by_network(uint8_t byte)
{
    ww_network_receive(&network, byte);
}

static void feed(void (*receive)(uint8_t), const uint8_t *bytes, size_t count)
{
    const unsigned long before = answered;
    size_t i;
    for (i = 0; i < count; i++)
        receive(bytes[i]);
    send_hello(receive);
    if (answered == before) {
        fputs("a board did not answer behind a string\n", stderr);
        _exit(1);
    }
}

int main(void)
{
    static uint8_t bytes[1 << 16];
    uint8_t length[2];
    unsigned long strings = 0;
    const ww_health health = {1, 2, 3};
    ww_receiver_reset(&host);
    ww_device_begin(&device, &wakeword_model, wakeword_labels, WAKEWORD_MODEL_ID, take);
    ww_network_begin(&network, &wakeword_model, WAKEWORD_MODEL_ID, take);
    while (fread(length, 1, 2, stdin) == 2) {
        const size_t count = (size_t)(length[0] | length[1] << 8);
        if (fread(bytes, 1, count, stdin) != count)
            return 1;
        alarm(SECONDS);
        feed(receive_by_device, bytes, count);
        feed(receive_by_network, bytes, count);
        if (ww_device_status_due(&device))
            ww_device_send_status(&device, &health);
        strings++;
    }
    printf("%lu %lu\n", strings, sent);
    return 0;
}
