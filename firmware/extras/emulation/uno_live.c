/* An Uno in simavr with a recording at its converter: uno_live FIRMWARE.elf SAMPLES POLL FRAME STATE BYTES
 *
 * SAMPLES holds 10-bit samples as uint16. POLL, FRAME and STATE are addresses in bytes: of the function that the main
 * loop polls, of the function that it calls in each frame after the network, and of the state that is printed then. Output:
 *
 *     frame CYCLES HEX     for each frame: cycles from the call of POLL to its return, and the state's BYTES
 *     said TEXT            a line of the serial port
 *     samples N, busy N, cycles N, stack N     at the end: samples taken, cycles in frames, all of them, bytes of stack
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <simavr/avr_adc.h>
#include <simavr/avr_timer.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>

#define HERTZ 16000000u
#define MILLIVOLTS 5000u
#define RAM_BEGIN 0x100u
#define PAINT 0xA5
#define UNTOUCHED 32u
#define AFTER 320000u /* cycles after the end of the recording */
#define TIMER1_COMPB 12
#define STATE 512u /* bytes, at most */

static FILE *recording;
static unsigned long samples;
static avr_cycle_count_t last;
static char line[80];
static size_t length;

/* A conversion begins: the pin gets the voltage of the next sample, which the simulator converts back to its code. */
static void convert(struct avr_irq_t *irq, uint32_t value, void *avr)
{
    unsigned char bytes[2];
    uint32_t code;
    (void)irq, (void)value;
    if (fread(bytes, 1, 2, recording) != 2)
        return;
    code = bytes[0] | (uint32_t)bytes[1] << 8;
    samples++;
    last = ((avr_t *)avr)->cycle;
    avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_ADC0), (code * MILLIVOLTS + 1022u) / 1023u);
}

/* The simulator does not do this: timer 1 starts a conversion when the flag of its match B rises. */
static void match(struct avr_irq_t *irq, uint32_t value, void *avr)
{
    (void)irq;
    if (value)
        avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_IN_TRIGGER), 1);
}

static void sent(struct avr_irq_t *irq, uint32_t value, void *avr)
{
    (void)irq, (void)avr;
    if (value == '\n') {
        printf("said %.*s\n", (int)length, line);
        length = 0;
    } else if (value != '\r' && length < sizeof line) {
        line[length++] = (char)value;
    }
}

/* Counts from the end of the RAM down to a stretch of untouched paint. */
static unsigned stack_bytes(const avr_t *avr)
{
    unsigned at = avr->ramend, untouched = 0;
    while (at > RAM_BEGIN && untouched < UNTOUCHED)
        untouched = avr->data[at--] == PAINT ? untouched + 1 : 0;
    return avr->ramend - at - untouched;
}

static avr_t *board(const char *path)
{
    static elf_firmware_t firmware;
    avr_t *avr = avr_make_mcu_by_name("atmega328p");
    uint32_t flags = 0;
    if (!avr || elf_read_firmware(path, &firmware) != 0)
        return NULL;
    avr_init(avr);
    firmware.frequency = HERTZ;
    avr_load_firmware(avr, &firmware);
    avr->avcc = avr->vcc = MILLIVOLTS;
    memset(avr->data + RAM_BEGIN, PAINT, avr->ramend + 1u - RAM_BEGIN);
    avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
    flags &= ~(uint32_t)(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), sent, avr);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_OUT_TRIGGER), convert, avr);
    avr_irq_register_notify(avr_get_interrupt_irq(avr, TIMER1_COMPB), match, avr);
    return avr;
}

/* The addresses of the command line, in bytes. */
typedef struct {
    unsigned poll, frame, state, bytes;
} watch;

static unsigned stack_pointer(const avr_t *avr)
{
    return avr->data[R_SPL] | (unsigned)avr->data[R_SPH] << 8;
}

static void tell_frame(avr_cycle_count_t cycles, const unsigned char *state, unsigned bytes)
{
    printf("frame %llu ", (unsigned long long)cycles);
    while (bytes-- > 0)
        printf("%02x", *state++);
    putchar('\n');
}

/* Runs the board until a little after the recording; returns the cycles in frames. A call has returned if the stack is
 * above its place at the call. */
static avr_cycle_count_t run(avr_t *avr, const watch *at)
{
    static unsigned char state[STATE];
    avr_cycle_count_t called = 0, busy = 0;
    unsigned above = 0;
    int is_frame = 0, running = cpu_Running;
    while (running != cpu_Done && running != cpu_Crashed && (!feof(recording) || avr->cycle < last + AFTER)) {
        if (avr->pc == at->poll) {
            called = avr->cycle;
            above = stack_pointer(avr);
        } else if (avr->pc == at->frame) {
            memcpy(state, avr->data + at->state, at->bytes);
            is_frame = 1;
        } else if (is_frame && stack_pointer(avr) > above) {
            tell_frame(avr->cycle - called, state, at->bytes);
            busy += avr->cycle - called;
            is_frame = 0;
        }
        running = avr_run(avr);
    }
    return busy;
}

int main(int argc, char **argv)
{
    avr_t *avr = argc == 7 ? board(argv[1]) : NULL;
    avr_cycle_count_t busy;
    watch at;
    recording = avr ? fopen(argv[2], "rb") : NULL;
    if (!recording)
        return 2;
    at.poll = (unsigned)strtoul(argv[3], NULL, 0);
    at.frame = (unsigned)strtoul(argv[4], NULL, 0);
    at.state = (unsigned)strtoul(argv[5], NULL, 0);
    at.bytes = (unsigned)strtoul(argv[6], NULL, 0);
    if (at.bytes > STATE)
        return 2;
    busy = run(avr, &at);
    printf("samples %lu\nbusy %llu\n", samples, (unsigned long long)busy);
    printf("cycles %llu\nstack %u\n", (unsigned long long)avr->cycle, stack_bytes(avr));
    return avr->state == cpu_Crashed;
}
