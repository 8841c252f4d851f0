/* From reset to main, for a Cortex-M and for RISC-V: data, zeros, constructors, and a painted stack, whose depth can be read off. */
#include "startup.h"

#include "semihosting.h"

#define PAINT 0xDEADBEEFu

extern uint32_t data_begin[], data_end[], data_source[], bss_begin[], bss_end[], stack_top[];
int main(void);
void reset_handler(void);
void fault_handler(void);

#if defined(__riscv)
__asm__(".section .vectors, \"ax\"\n\t.option arch, +zicsr\n\tla sp, stack_top\n\tla t0, fault_handler\n\tcsrw mtvec, t0\n\tj reset_handler\n\t"
        ".text");
#else
__attribute__((section(".vectors"), used)) static void (*const vectors[16])(void) = {
    (void (*)(void))stack_top, reset_handler, fault_handler, fault_handler, fault_handler, fault_handler,
    fault_handler,
};
#endif

void reset_handler(void)
{
    const uint32_t *from = data_source;
    uint32_t *to;
    for (to = data_begin; to < data_end; to++)
        *to = *from++;
    for (to = bss_begin; to < bss_end; to++)
        *to = 0;
    /* Up to a little below this function's own frame. */
    for (to = bss_end; (uintptr_t)to < (uintptr_t)stack_top - 256; to++)
        *to = PAINT;
    semihosting_exit(main());
}

uint32_t stack_free(void)
{
    const uint32_t *at = bss_end;
    while (at < stack_top && *at == PAINT)
        at++;
    return (uint32_t)(at - bss_end) * (uint32_t)sizeof *at;
}

uint32_t stack_used(void)
{
    return (uint32_t)(stack_top - bss_end) * (uint32_t)sizeof *bss_end - stack_free();
}

void fault_handler(void)
{
    semihosting_print("fault\n");
    semihosting_exit(1);
}
