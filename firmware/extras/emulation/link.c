/* A board at its UART (lm3s6965evb), like the Link sketches. Its microphone is input.wav, read as fast as the board can
 * compute, once the host has asked for the microphone. */
#include "semihosting.h"
#include "startup.h"
#include "wakeword_model.h"
#include "wav.h"
#include "link/ww_device.h"

#define UART_DATA (*(volatile uint32_t *)0x4000C000u)
#define UART_FLAGS (*(volatile uint32_t *)0x4000C018u)
#define RECEIVE_EMPTY 0x10u
#define SEND_FULL 0x20u

static ww_device device;

static void write_uart(const uint8_t *bytes, uint16_t count)
{
    while (count-- > 0) {
        while (UART_FLAGS & SEND_FULL) {
        }
        UART_DATA = *bytes++;
    }
}

static void poll(void)
{
    while (!(UART_FLAGS & RECEIVE_EMPTY))
        ww_device_receive(&device, (uint8_t)UART_DATA);
    if (ww_device_status_due(&device)) {
        ww_health health = {0, 0, 0};
        health.stack_free = stack_free();
        ww_device_send_status(&device, &health);
    }
}

int main(void)
{
    static int16_t samples[WW_HOP];
    uint32_t count;
    int32_t wav = wav_open("input.wav");
    ww_device_begin(&device, &wakeword_model, wakeword_labels, WAKEWORD_MODEL_ID, write_uart);
    device.in_test = 1; /* until the host asks for the microphone */
    for (;;) {
        poll();
        if (device.in_test)
            ww_device_push(&device, samples, WW_HOP); /* the microphone runs on, and must be ignored */
        else if ((count = wav_read(wav, samples, WW_HOP)) > 0)
            ww_device_push(&device, samples, count);
    }
}
