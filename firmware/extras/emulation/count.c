/* Runs input.wav through the three stages. Prints the ticks of a clock for each, the sum and the maximum over all frames,
 * and the RAM of stack, engine and a further model. The clock is SysTick, or RISC-V's counter of instructions.
 * In an emulator that gives each instruction the same time, ticks count instructions. */
#include "semihosting.h"
#include "startup.h"
#include "wakeword_model.h"
#include "wav.h"
#include "ww_combined.h"

#if !defined(__riscv)
#define SYST_CSR (*(volatile uint32_t *)0xE000E010u)
#define SYST_RVR (*(volatile uint32_t *)0xE000E014u)
#define SYST_CVR (*(volatile uint32_t *)0xE000E018u)
#define SYST_MAX 0xFFFFFFu
#endif

typedef struct {
    uint32_t sum, greatest;
} ticks;

static ww_engine engine;
static int16_t samples[WW_HOP / 2]; /* half a hop, so that a push that completes a frame takes all samples */
static uint32_t overhead;

#if defined(__riscv)
static uint32_t now(void)
{
    uint32_t instructions;
    __asm__ volatile(".option push\n\t.option arch, +zicsr\n\tcsrr %0, minstret\n\t.option pop" : "=r"(instructions));
    return instructions;
}

static uint32_t ticks_between(uint32_t begin, uint32_t end)
{
    return end - begin;
}
#else
static uint32_t now(void)
{
    return SYST_CVR;
}

static uint32_t ticks_between(uint32_t begin, uint32_t end)
{
    return (begin - end) & SYST_MAX; /* it counts down */
}
#endif

static void add(ticks *stage, uint32_t begin, uint32_t end)
{
    uint32_t taken = ticks_between(begin, end) - overhead;
    stage->sum += taken;
    if (taken > stage->greatest)
        stage->greatest = taken;
}

static void start_clock(void)
{
    uint32_t begin;
#if !defined(__riscv)
    SYST_RVR = SYST_MAX;
    SYST_CVR = 0;
    SYST_CSR = 5; /* enabled, by the processor's clock, without an interrupt */
#endif
    begin = now();
    overhead = ticks_between(begin, now());
}

static void print(const char *name, const ticks *stage)
{
    semihosting_print(name);
    semihosting_print_number("_sum", stage->sum);
    semihosting_print(name);
    semihosting_print_number("_greatest", stage->greatest);
}

int main(void)
{
    ticks front_end = {0, 0}, network = {0, 0}, detector = {0, 0};
    uint32_t count, frames = 0;
    int32_t wav = wav_open("input.wav");
    ww_engine_reset(&engine, &wakeword_model);
    start_clock();
    while ((count = wav_read(wav, samples, WW_HOP / 2)) > 0) {
        ww_event event;
        uint32_t begin = now(), end;
        int complete = ww_featurizer_push(&engine.featurizer, &engine.scratch.featurizer, samples, &count, engine.features);
        end = now();
        if (!complete)
            continue;
        add(&front_end, begin, end);
        begin = now();
        ww_fastgrnn_step(&wakeword_model, &engine.recognizer.network, &engine.scratch.network, engine.features,
                         engine.recognizer.posteriors);
        end = now();
        add(&network, begin, end);
        begin = now();
        ww_detector_step(&wakeword_model, &engine.recognizer.detector, engine.recognizer.posteriors, &event);
        end = now();
        add(&detector, begin, end);
        frames++;
    }
    semihosting_print_number("frames", frames);
    print("front_end", &front_end);
    print("network", &network);
    print("detector", &detector);
    semihosting_print_number("engine_bytes", sizeof engine);
    semihosting_print_number("further_bytes", sizeof(ww_further));
    semihosting_print_number("stack_bytes", stack_used());
    return 0;
}
