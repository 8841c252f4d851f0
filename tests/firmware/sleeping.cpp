/* A sketch's loop on an emulated Cortex-M, with SysTick as the microphone: it fills a block of input.wav each time.
 * Prints the events, then what the processor did. */
#include "WakeWord.h"
#include "microphone/sleep.h"
#include "microphone/ww_blocks.h"
#include "semihosting.h"
#include "wakeword_model.h"
#include "wav.h"

#define REGISTER(address) (*(volatile uint32_t *)(address))
#define SYSTICK_CONTROL REGISTER(0xE000E010)
#define SYSTICK_RELOAD REGISTER(0xE000E014)
#define SYSTICK_VALUE REGISTER(0xE000E018)
#define INTERRUPT_CONTROL REGISTER(0xE000ED04)
#define VECTORS REGISTER(0xE000ED08)

static const uint32_t STARTED = 7, PASSED = 1u << 16, PEND_SYSTICK = 1u << 26;
static const uint32_t BLOCK = 400000; /* ticks of SysTick, 16 or 20 ms */
static const uint32_t LONG = 0xFFFFFF;
static const uint32_t MOST_TURNS = 20000; /* of a processor that does not sleep, or whose interrupts stay masked */

static uint32_t vectors[16] __attribute__((aligned(128)));
static volatile bool ended;
static volatile uint32_t interrupts;
static ww_blocks blocks;
static int32_t wav;

static void pended() { interrupts = interrupts + 1; }

static void blockComplete()
{
    if (wav_read(wav, ww_blocks_to_fill(&blocks, 0), WW_BLOCK) == WW_BLOCK)
        ww_blocks_complete(&blocks);
    else
        ended = true;
}

static void start(void (*handler)(), uint32_t ticks)
{
    vectors[15] = reinterpret_cast<uint32_t>(handler);
    SYSTICK_RELOAD = ticks - 1;
    SYSTICK_VALUE = 0;
    SYSTICK_CONTROL = STARTED;
}

static bool hasBlock() { return ww_blocks_has_one(&blocks); }
static bool hasCome() { return true; }

/* The interrupt comes right behind the question. */
static bool comesNow()
{
    INTERRUPT_CONTROL = PEND_SYSTICK;
    return false;
}

/* Prints whether the processor slept until the timer's next tick, and how many interrupts it has served. */
static void trySleep(const char *name, bool (*question)())
{
    interrupts = 0;
    start(pended, LONG);
    sleepUnless(question);
    semihosting_print(name);
    semihosting_print_number(SYSTICK_CONTROL & PASSED ? " slept" : " went on", interrupts);
}

static void print_events()
{
    WakeWordEvent event;
    while (WakeWord.poll(event)) {
        semihosting_print(event.word);
        semihosting_print_number("", event.frame);
    }
}

int main()
{
    uint32_t turns = 0;
    for (int i = 0; i < 16; i++)
        vectors[i] = reinterpret_cast<const uint32_t *>(VECTORS)[i];
    VECTORS = reinterpret_cast<uint32_t>(vectors);
    trySleep("come before", hasCome);
    trySleep("comes now", comesNow);

    WakeWord.begin(wakeword_model, wakeword_labels);
    wav = wav_open("input.wav");
    start(blockComplete, BLOCK);
    for (; !ended && turns < MOST_TURNS; turns++) {
        const int16_t *samples = ww_blocks_take(&blocks);
        if (samples)
            WakeWord.push(samples, WW_BLOCK);
        else
            sleepUnless(hasBlock);
        print_events();
    }
    semihosting_print_number("turns", turns);
    semihosting_print_number("lost", blocks.lost);
    return 0;
}
