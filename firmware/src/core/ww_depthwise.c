#include "ww_optimize.h"

#include "ww_depthwise.h"

#if WW_MAX_CHANNELS

#include "ww_fixed.h"

/* A band of the kernel has the weights of its frames one after another, a number for each channel. */
enum { FIRST, MIDDLE, LAST };

#if WW_DSP && WW_HAS_DSP
void ww_filter_fours(const ww_responses *at, const int8_t *weight, int32_t *sums, int band, const int8_t *end);

/* Adds the products of four channels at a time, a word of their weights times two words of responses. In assembly, since
 * the sums, the weights and the places take all registers. r0, r4 and r5 the responses of the three bands, r1 weights,
 * r2 sums, r3 from a band's weights to those of the next; the sums in r6 to r9; r10 and r11 responses, r12 and lr the
 * weights of the odd and of the even channels. On the stack: the end of the weights. */
#define ADD_BAND(weights, responses) \
    "ldr r12, " weights "\n\tldr r10, [" responses "], #4\n\tldr r11, [" responses "], #4\n\t" \
    "sxtb16 lr, r12\n\tsxtb16 r12, r12, ror #8\n\t" \
    "smlabb r6, lr, r10, r6\n\tsmlabt r7, r12, r10, r7\n\tsmlatb r8, lr, r11, r8\n\tsmlatt r9, r12, r11, r9\n\t"
__asm__(".syntax unified\n\t.thumb\n\t"
        ".section .text.ww_filter_fours, \"ax\", %progbits\n\t.balign 4\n\t"
        ".global ww_filter_fours\n\t.type ww_filter_fours, %function\n\t.thumb_func\n"
        "ww_filter_fours:\n\t"
        "push {r4-r11, lr}\n\tldr r4, [r0, #4]\n\tldr r5, [r0, #8]\n\tldr r0, [r0]\n\t"
        ".balign 8\n"
        "1:\tldmia r2, {r6-r9}\n\t"
        ADD_BAND("[r1]", "r0") ADD_BAND("[r1, r3]", "r4") ADD_BAND("[r1, r3, lsl #1]", "r5")
        "stmia r2!, {r6-r9}\n\tldr r12, [sp, #36]\n\tadds r1, #4\n\tcmp r1, r12\n\tbne 1b\n\t"
        "pop {r4-r11, pc}\n\t"
        ".size ww_filter_fours, . - ww_filter_fours\n\t.text\n");
#endif

/* Adds the products with a frame of the kernel to the channels' sums. */
static void filter(const ww_convolution *convolution, const ww_responses *at, int frame, int32_t *sums)
{
    const int channels = convolution->first.rows, band = WW_DEPTHWISE * channels;
    const int8_t *weight = convolution->depthwise + frame * channels;
    int channel;
#if WW_DSP && WW_HAS_DSP
    if (channels % 4 == 0) {
        ww_filter_fours(at, weight, sums, band, weight + channels);
        return;
    }
#endif
    for (channel = 0; channel < channels; channel++, weight++)
        sums[channel] += weight[0] * (int32_t)at->low[channel] + weight[band] * (int32_t)at->middle[channel] +
                         weight[2 * band] * (int32_t)at->high[channel];
}

void ww_depthwise_continue(const ww_convolution *convolution, const ww_responses *at, int32_t *sums)
{
    filter(convolution, at, MIDDLE, sums);
}

void ww_depthwise_finish(const ww_convolution *convolution, const ww_responses *at, int32_t *sums, int16_t *outputs)
{
    const int channels = convolution->first.rows, shift = convolution->depthwise_shift;
    const int16_t *bias = convolution->depthwise_bias;
    const int32_t half = ww_half(shift);
    int channel;
    filter(convolution, at, LAST, sums);
    for (channel = 0; channel < channels; channel++) {
        outputs[channel] = ww_saturate16(ww_rshift_with(sums[channel], shift, half) + bias[channel]);
        sums[channel] = 0;
    }
    filter(convolution, at, FIRST, sums);
}

#endif
