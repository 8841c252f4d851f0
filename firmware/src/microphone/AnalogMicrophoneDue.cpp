/* Arduino Due (SAM3X8E): TC0 channel 0 triggers the converter, and the PDC moves its results to memory. The PDC always
 * knows the next block. */
#if defined(ARDUINO_ARCH_SAM)

#include "../AnalogMicrophone.h"

namespace
{

void startTimer()
{
    const uint32_t period = VARIANT_MCK / 2 / WW_SAMPLE_RATE; /* 2625 at 84 MHz: exact */
    pmc_enable_periph_clk(ID_TC0);
    TC0->TC_CHANNEL[0].TC_CCR = TC_CCR_CLKDIS;
    TC0->TC_CHANNEL[0].TC_CMR = TC_CMR_TCCLKS_TIMER_CLOCK1 | TC_CMR_WAVE | TC_CMR_WAVSEL_UP_RC | TC_CMR_ACPA_CLEAR |
                                TC_CMR_ACPC_SET;
    TC0->TC_CHANNEL[0].TC_RC = period;
    TC0->TC_CHANNEL[0].TC_RA = period / 2;
    TC0->TC_CHANNEL[0].TC_CCR = TC_CCR_CLKEN | TC_CCR_SWTRG;
}

void startConverter(uint32_t channel)
{
    pmc_enable_periph_clk(ID_ADC);
    ADC->ADC_CR = ADC_CR_SWRST;
    /* 14 MHz, triggered by TIOA of TC0's channel 0, trigger 1 in the manual. */
    ADC->ADC_MR = ADC_MR_TRGEN_EN | ADC_MR_TRGSEL_ADC_TRIG1 | ADC_MR_PRESCAL(2) | ADC_MR_STARTUP_SUT64 |
                  ADC_MR_TRACKTIM(15) | ADC_MR_SETTLING_AST3 | ADC_MR_TRANSFER(1);
    ADC->ADC_CHDR = 0xFFFF;
    ADC->ADC_CHER = 1u << channel;
}

} // namespace

bool AnalogMicrophoneClass::begin(int pin)
{
    if (pin < 0 || pin >= static_cast<int>(PINS_COUNT))
        return false;
    const uint32_t channel = g_APinDescription[pin].ulADCChannelNumber;
    if (channel > ADC15)
        return false;
    NVIC_DisableIRQ(ADC_IRQn);
    ww_blocks_reset(&_blocks);
    ww_adc_reset(&_adc);
    startConverter(channel);
    ADC->ADC_RPR = reinterpret_cast<uint32_t>(ww_blocks_to_fill(&_blocks, 0));
    ADC->ADC_RCR = WW_BLOCK;
    ADC->ADC_RNPR = reinterpret_cast<uint32_t>(ww_blocks_to_fill(&_blocks, 1));
    ADC->ADC_RNCR = WW_BLOCK;
    ADC->ADC_PTCR = ADC_PTCR_RXTEN;
    ADC->ADC_IDR = ~0u;
    ADC->ADC_IER = ADC_IER_ENDRX;
    NVIC_EnableIRQ(ADC_IRQn);
    startTimer();
    return true;
}

void AnalogMicrophoneClass::blockComplete()
{
    ww_blocks_complete(&_blocks);
    ADC->ADC_RNPR = reinterpret_cast<uint32_t>(ww_blocks_to_fill(&_blocks, 1));
    ADC->ADC_RNCR = WW_BLOCK; /* which also clears the interrupt */
}

extern "C" void ADC_Handler()
{
    if (ADC->ADC_ISR & ADC_ISR_ENDRX)
        AnalogMicrophone.blockComplete();
}

#endif
