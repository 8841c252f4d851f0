/* MKR1000 and other boards with a SAMD21: TC3 starts the converter through the event system, and DMA moves its results
 * to memory. The interrupt sets the next block, within the 62 us of a sample. */
#include "boards.h"

#if defined(WW_SAMD21)

#include "../AnalogMicrophone.h"

#include <I2S.h> /* brings the core's DMA class, which owns the DMA interrupt */
#include <utility/DMA.h>
#include <wiring_private.h>

namespace
{

const int EVENT_CHANNEL = 0;
int dmaChannel;

void waitForConverter()
{
    while (ADC->STATUS.bit.SYNCBUSY) {
    }
}

void startConverter(uint32_t channel)
{
    ADC->CTRLA.bit.ENABLE = 0;
    waitForConverter();
    ADC->REFCTRL.reg = ADC_REFCTRL_REFSEL_INTVCC1; /* half the supply, and half the gain: 0 to 3.3 V */
    ADC->INPUTCTRL.reg = ADC_INPUTCTRL_GAIN_DIV2 | ADC_INPUTCTRL_MUXNEG_GND | ADC_INPUTCTRL_MUXPOS(channel);
    waitForConverter();
    ADC->CTRLB.reg = ADC_CTRLB_PRESCALER_DIV32 | ADC_CTRLB_RESSEL_12BIT; /* 1.5 MHz */
    waitForConverter();
    ADC->SAMPCTRL.reg = ADC_SAMPCTRL_SAMPLEN(5);
    ADC->EVCTRL.reg = ADC_EVCTRL_STARTEI;
    ADC->CTRLA.bit.ENABLE = 1;
    waitForConverter();
}

void connectTimerToConverter()
{
    PM->APBCMASK.reg |= PM_APBCMASK_EVSYS;
    EVSYS->USER.reg = EVSYS_USER_USER(EVSYS_ID_USER_ADC_START) | EVSYS_USER_CHANNEL(EVENT_CHANNEL + 1);
    EVSYS->CHANNEL.reg = EVSYS_CHANNEL_CHANNEL(EVENT_CHANNEL) | EVSYS_CHANNEL_PATH_ASYNCHRONOUS |
                         EVSYS_CHANNEL_EVGEN(EVSYS_ID_GEN_TC3_OVF);
}

void startTimer()
{
    PM->APBCMASK.reg |= PM_APBCMASK_TC3;
    GCLK->CLKCTRL.reg = GCLK_CLKCTRL_CLKEN | GCLK_CLKCTRL_GEN_GCLK0 | GCLK_CLKCTRL_ID(GCM_TCC2_TC3);
    while (GCLK->STATUS.bit.SYNCBUSY) {
    }
    TC3->COUNT16.CTRLA.reg = TC_CTRLA_SWRST;
    while (TC3->COUNT16.CTRLA.bit.SWRST) {
    }
    TC3->COUNT16.CC[0].reg = F_CPU / WW_SAMPLE_RATE - 1; /* 2999 at 48 MHz: exact */
    TC3->COUNT16.EVCTRL.reg = TC_EVCTRL_OVFEO;
    TC3->COUNT16.CTRLA.reg = TC_CTRLA_MODE_COUNT16 | TC_CTRLA_WAVEGEN_MFRQ | TC_CTRLA_ENABLE;
}

void startTransfer(int16_t *block)
{
    DMA.transfer(dmaChannel, const_cast<uint16_t *>(&ADC->RESULT.reg), block, WW_BLOCK * sizeof *block);
}

void transferComplete(int)
{
    AnalogMicrophone.blockComplete();
}

} // namespace

bool AnalogMicrophoneClass::begin(int pin)
{
    if (pin < 0 || pin >= static_cast<int>(PINS_COUNT))
        return false;
    const int channel = g_APinDescription[pin].ulADCChannelNumber;
    if (channel == No_ADC_Channel)
        return false;
    DMA.begin();
    dmaChannel = DMA.allocateChannel();
    if (dmaChannel < 0)
        return false;
    ww_blocks_reset(&_blocks);
    ww_adc_reset(&_adc);
    DMA.setTriggerSource(dmaChannel, ADC_DMAC_ID_RESRDY);
    DMA.setTransferWidth(dmaChannel, 16);
    DMA.incDst(dmaChannel);
    DMA.onTransferComplete(dmaChannel, transferComplete);
    startTransfer(ww_blocks_to_fill(&_blocks, 0));
    pinPeripheral(pin, PIO_ANALOG);
    startConverter(static_cast<uint32_t>(channel));
    connectTimerToConverter();
    startTimer();
    return true;
}

void AnalogMicrophoneClass::blockComplete()
{
    ww_blocks_complete(&_blocks);
    startTransfer(ww_blocks_to_fill(&_blocks, 0));
}

#endif
