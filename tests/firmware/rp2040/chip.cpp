/* A sketch on the bare RP2040: what Arduino-Pico and the Pico SDK do for it, as far as a sketch of AnalogMicrophone
 * needs it. The registers are the chip's own (RP2040 datasheet); the interface of ADCInput is that of ../fake/pico. */
#include <ADCInput.h>
#include <hardware/adc.h>

#include <string.h>

#include <AnalogMicrophone.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define ADC_CS REGISTER(0x4004C000)
#define ADC_FCS REGISTER(0x4004C008)
#define ADC_FIFO 0x4004C00C
#define ADC_DIV REGISTER(0x4004C010)
#define DMA(channel, offset) REGISTER(0x50000000 + 0x40 * (channel) + (offset))
#define READ_ADDR 0x00
#define WRITE_ADDR 0x04
#define TRANS_COUNT 0x08
#define CTRL_TRIG 0x0C
#define AL1_CTRL 0x10
#define CTRL_EN (1u << 0)
#define CTRL_16_BITS (1u << 2)
#define CTRL_INCR_WRITE (1u << 5)
#define DMA_INTE0 REGISTER(0x50000404)
#define DMA_INTS0 REGISTER(0x5000040C)
#define NVIC_ISER REGISTER(0xE000E100)
#define UART0_DR REGISTER(0x40034000)
#define DMA_IRQ_0 11
#define DREQ_ADC 36

extern uint32_t stack_top[], data_begin[], data_end[], data_source[], bss_begin[], bss_end[];
extern void (*init_begin[])(void), (*init_end[])(void);

/* Two channels of DMA take turns; buffer i is in row i % BUFFERS. */
static const uint32_t BUFFERS = 8;
static uint16_t buffers[BUFFERS][1024];
static uint32_t words, offset;
static volatile uint32_t filled, taken; /* buffers */
static void (*received)();

static void fillNext(uint32_t channel, uint32_t buffer)
{
    DMA(channel, WRITE_ADDR) = (uint32_t)buffers[buffer % BUFFERS];
    DMA(channel, TRANS_COUNT) = 2 * words;
}

static void dmaHandler(void)
{
    const uint32_t channel = DMA_INTS0 & 1 ? 0 : 1;
    DMA_INTS0 = 1u << channel;
    if (filled - taken < BUFFERS - 2)
        filled = filled + 1;
    fillNext(channel, filled + 1); /* the other channel fills buffer `filled` */
    received();
}

ADCInput::ADCInput(pin_size_t pin, pin_size_t, pin_size_t, pin_size_t, pin_size_t, pin_size_t, pin_size_t, pin_size_t)
{
    setPins(pin);
}
ADCInput::~ADCInput() {}
bool ADCInput::setPins(pin_size_t pin, pin_size_t, pin_size_t, pin_size_t, pin_size_t, pin_size_t, pin_size_t,
                       pin_size_t)
{
    ADC_CS = 1u | (uint32_t)(pin - 26) << 12;
    return true;
}
bool ADCInput::setBuffers(size_t, size_t bufferWords)
{
    words = bufferWords;
    return true;
}
bool ADCInput::begin(long sampleRate)
{
    ADC_DIV = (48000000u / (uint32_t)sampleRate - 1) << 8;
    return begin();
}
bool ADCInput::begin()
{
    for (uint32_t channel = 0; channel < 2; channel++) {
        DMA(channel, READ_ADDR) = ADC_FIFO;
        fillNext(channel, channel);
        DMA(channel, AL1_CTRL) = CTRL_EN | CTRL_16_BITS | CTRL_INCR_WRITE | (1 - channel) << 11 | DREQ_ADC << 15;
    }
    DMA_INTE0 = 3;
    NVIC_ISER = 1u << DMA_IRQ_0;
    ADC_FCS = 1u | 1u << 3 | 1u << 24; /* a request for each sample */
    DMA(0, CTRL_TRIG) = DMA(0, AL1_CTRL);
    ADC_CS = ADC_CS | 1u << 3;
    return true;
}
int ADCInput::available() { return (int)((filled - taken) * words - offset / 2); }
int ADCInput::read()
{
    const int code = buffers[taken % BUFFERS][offset++];
    if (offset == 2 * words) {
        offset = 0;
        taken = taken + 1;
    }
    return code;
}
int ADCInput::peek() { return -1; }
size_t ADCInput::write(uint8_t) { return 0; }
void ADCInput::onReceive(void (*function)(void)) { received = function; }
extern "C" void adc_gpio_init(uint) {}

class SerialUSB Serial;
void SerialUSB::begin(unsigned long) {}
void SerialUSB::begin(unsigned long, uint16_t) {}
SerialUSB::operator bool() { return true; }
int SerialUSB::peek() { return -1; }
int SerialUSB::read() { return -1; }
int SerialUSB::available() { return 0; }
size_t SerialUSB::write(uint8_t byte)
{
    UART0_DR = byte;
    return 1;
}
size_t SerialUSB::write(const uint8_t *bytes, size_t size) { return Print::write(bytes, size); }
size_t Print::write(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        write(bytes[i]);
    return size;
}
size_t Print::print(const char text[]) { return write((const uint8_t *)text, strlen(text)); }
void delay(unsigned long) {} /* a sketch that listens does not */

size_t Print::println(const char text[]) { return print(text) + print("\n"); }

extern "C" {

/* Of a C++ program without an operating system: locals are made once, and nothing is ever destroyed. */
int __aeabi_atexit(void *, void (*)(void *), void *) { return 0; }
int __cxa_guard_acquire(char *guard) { return !*guard; }
void __cxa_guard_release(char *guard) { *guard = 1; }
void *__dso_handle;
void operator_delete(void *) __asm__("_ZdlPvj");
void operator_delete(void *) {}

void resetHandler(void)
{
    memcpy(data_begin, data_source, (size_t)((char *)data_end - (char *)data_begin));
    memset(bss_begin, 0, (size_t)((char *)bss_end - (char *)bss_begin));
    for (void (**constructor)(void) = init_begin; constructor < init_end; constructor++)
        (*constructor)();
    setup();
    for (;;) {
        loop();
        if (AnalogMicrophone.lost())
            Serial.println("lost");
    }
}

static void faultHandler(void)
{
    Serial.println("fault");
    for (;;)
        __asm__ volatile("wfi");
}

__attribute__((section(".vectors"), used)) void (*const vectors[16 + DMA_IRQ_0 + 1])(void) = {
    (void (*)(void))stack_top, resetHandler, faultHandler, faultHandler,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    dmaHandler,
};
}
