/* An Uno in simavr, its serial port at this program's standard input and output: uno FIRMWARE.elf. At the end it
 * prints to standard error the most cycles from the last byte of a message to the first byte of its answer, and the
 * depth of the stack. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>

#define HERTZ 16000000u
#define RAM_BEGIN 0x100u
#define PAINT 0xA5
#define UNTOUCHED 32u
#define BYTE (HERTZ / 115200u * 10u) /* cycles of a byte on the line */

static int ready = 1;
static avr_cycle_count_t asked, longest, next;
static volatile sig_atomic_t over;

static void end(int signal)
{
    over = signal;
}

static void sent(struct avr_irq_t *irq, uint32_t value, void *avr)
{
    const unsigned char byte = (unsigned char)value;
    (void)irq;
    if (asked && ((avr_t *)avr)->cycle - asked > longest)
        longest = ((avr_t *)avr)->cycle - asked;
    asked = 0;
    if (write(STDOUT_FILENO, &byte, 1) != 1)
        exit(1);
}

static void may_send(struct avr_irq_t *irq, uint32_t value, void *flag)
{
    (void)irq, (void)value, (void)flag;
    ready = 1;
}

static void must_wait(struct avr_irq_t *irq, uint32_t value, void *flag)
{
    (void)irq, (void)value, (void)flag;
    ready = 0;
}

/* Passes one byte from the input to the port. */
static void carry(avr_t *avr)
{
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    unsigned char byte;
    if (!ready || avr->cycle < next)
        return;
    next = avr->cycle + BYTE;
    if (poll(&input, 1, 0) <= 0)
        return;
    if (read(STDIN_FILENO, &byte, 1) != 1)
        return;
    if (byte == 0)
        asked = avr->cycle;
    avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT), byte);
}

static void paint_ram(avr_t *avr)
{
    memset(avr->data + RAM_BEGIN, PAINT, avr->ramend + 1u - RAM_BEGIN);
}

/* Counts from the end of the RAM down to a stretch of untouched paint. */
static unsigned stack_bytes(const avr_t *avr)
{
    unsigned at = avr->ramend, untouched = 0;
    while (at > RAM_BEGIN && untouched < UNTOUCHED)
        untouched = avr->data[at--] == PAINT ? untouched + 1 : 0;
    return avr->ramend - at - untouched;
}

int main(int argc, char **argv)
{
    static elf_firmware_t firmware;
    avr_t *avr = avr_make_mcu_by_name("atmega328p");
    uint32_t flags = 0;
    int state = cpu_Running;
    if (argc != 2 || !avr || elf_read_firmware(argv[1], &firmware) != 0)
        return 2;
    avr_init(avr);
    firmware.frequency = HERTZ;
    avr_load_firmware(avr, &firmware);
    paint_ram(avr);
    avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
    flags &= ~(uint32_t)(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);
    avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), sent, avr);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XON), may_send, 0);
    avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUT_XOFF), must_wait, 0);
    signal(SIGTERM, end);
    while (!over && state != cpu_Done && state != cpu_Crashed) {
        state = avr_run(avr);
        carry(avr);
    }
    fprintf(stderr, "cycles %llu\nstack %u\n", (unsigned long long)longest, stack_bytes(avr));
    return state == cpu_Crashed;
}
