#include "ww_rotate.h"

#if defined(__GNUC__) && defined(__ARM_ARCH_6M__)
/* The products that `ww_mul_add_q15` and `ww_mul_sub_q15` share are computed once and stay in registers, which
 * compilers don't manage. r0 and r1 become the point; r2, r1, r3 and r4 are its halves of 16 bits; r5 and r6 are the
 * twiddle; r7 is the address, r8 a half in Q15, r9 the stride less a point, r10 the end of the addresses, r11 the
 * address of the twiddle and lr its step. The end of the last k is on the stack. */
__asm__(".syntax unified\n\t.thumb\n\t"
        ".section .data_code, \"ax\", %progbits\n\t.balign 4\n\t"
        ".global ww_rotate_quarter\n\t.type ww_rotate_quarter, %function\n\t.thumb_func\n"
        "ww_rotate_quarter:\n\t"
        "push {r4-r7, lr}\n\tmov r4, r8\n\tmov r5, r9\n\tmov r6, r10\n\tmov r7, r11\n\tpush {r4-r7}\n\t"
        "movs r7, r0\n\tlsls r3, r1, #3\n\tadds r3, r0\n\tpush {r3}\n\t"
        "lsls r1, #5\n\tsubs r1, #8\n\tmov r9, r1\n\t"
        "lsls r2, #2\n\tmov lr, r2\n\tldr r3, =ww_twiddles\n\tmov r11, r3\n\t"
        "movs r3, #1\n\tlsls r3, #14\n\tmov r8, r3\n"
        "1:\tadds r7, #8\n\tldr r0, [sp]\n\tcmp r7, r0\n\tbeq 3f\n\t"
        "add r11, lr\n\tmov r0, r11\n\tldr r6, [r0]\n\tsxth r5, r6\n\tasrs r6, #16\n\t"
        "movs r0, #8\n\tlsls r0, #8\n\tadds r0, r7\n\tmov r10, r0\n"
        "2:\tldr r3, [r7]\n\tldr r4, [r7, #4]\n\t"
        "asrs r2, r3, #16\n\tasrs r1, r4, #16\n\tuxth r3, r3\n\tuxth r4, r4\n\t"
        "movs r0, r2\n\tmuls r0, r5\n\tmuls r2, r6\n\tmov r12, r0\n\t"
        "movs r0, r1\n\tmuls r0, r6\n\tmuls r1, r5\n\tadd r0, r12\n\tsubs r1, r2\n\tlsls r0, #1\n\tlsls r1, #1\n\t"
        "movs r2, r3\n\tmuls r2, r5\n\tadd r2, r8\n\tasrs r2, #15\n\tadds r0, r2\n\t"
        "muls r3, r6\n\tadd r3, r8\n\tasrs r3, #15\n\tsubs r1, r3\n\t"
        "movs r2, r4\n\tmuls r2, r5\n\tadd r2, r8\n\tasrs r2, #15\n\tadds r1, r2\n\t"
        "muls r4, r6\n\tadd r4, r8\n\tasrs r4, #15\n\tadds r0, r4\n\t"
        "stmia r7!, {r0, r1}\n\tadd r7, r9\n\tcmp r7, r10\n\tbne 2b\n\t"
        "movs r0, #8\n\tlsls r0, #8\n\tsubs r7, r0\n\tb 1b\n"
        "3:\tadd sp, #4\n\tpop {r4-r7}\n\tmov r8, r4\n\tmov r9, r5\n\tmov r10, r6\n\tmov r11, r7\n\tpop {r4-r7, pc}\n\t"
        ".ltorg\n\t.size ww_rotate_quarter, . - ww_rotate_quarter\n\t.text\n");
#endif
