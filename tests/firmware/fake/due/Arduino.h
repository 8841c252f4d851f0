/* As much of the Arduino Due's headers as the library uses. Names, types and register layouts are the real ones; a
 * name that is not here does not compile, and one that is not on the board must not be put here. */
#ifndef ARDUINO_H
#define ARDUINO_H

#include "../ArduinoFace.h"

class UARTClass : public Stream
{
  public:
    void begin(const uint32_t baud);
    size_t write(const uint8_t byte);
    using Print::write;
    int available(void);
    int read(void);
};
extern UARTClass Serial;

#define VARIANT_MCK 84000000
#define ID_TC0 (27)
#define ID_ADC (37)
extern "C" uint32_t pmc_enable_periph_clk(uint32_t id);

typedef enum { ADC0 = 0, ADC15 = 15, DA1 = 17, NO_ADC = -1 } EAnalogChannel;
typedef struct {
    uint32_t ulPin;
    EAnalogChannel ulAnalogChannel;
    EAnalogChannel ulADCChannelNumber;
} PinDescription;
extern "C" const PinDescription g_APinDescription[];
#define PINS_COUNT (79u)
static const uint8_t A0 = 54;

typedef enum { TC0_IRQn = 27, ADC_IRQn = 37 } IRQn_Type;
void NVIC_EnableIRQ(IRQn_Type irq);
void NVIC_DisableIRQ(IRQn_Type irq);
extern "C" void ADC_Handler(void);

typedef volatile uint32_t RwReg;
typedef volatile uint32_t WoReg;
typedef const volatile uint32_t RoReg;

typedef struct {
    WoReg TC_CCR;
    RwReg TC_CMR, TC_SMMR;
    RoReg Reserved1[1], TC_CV;
    RwReg TC_RA, TC_RB, TC_RC;
    RoReg TC_SR;
    WoReg TC_IER, TC_IDR;
    RoReg TC_IMR, Reserved2[4];
} TcChannel;
typedef struct {
    TcChannel TC_CHANNEL[3];
} Tc;
#define TC0 ((Tc *)0x40080000U)
#define TC_CCR_CLKEN (0x1u << 0)
#define TC_CCR_CLKDIS (0x1u << 1)
#define TC_CCR_SWTRG (0x1u << 2)
#define TC_CMR_TCCLKS_TIMER_CLOCK1 (0x0u << 0)
#define TC_CMR_WAVSEL_UP_RC (0x2u << 13)
#define TC_CMR_WAVE (0x1u << 15)
#define TC_CMR_ACPA_CLEAR (0x2u << 16)
#define TC_CMR_ACPC_SET (0x1u << 18)

typedef struct {
    WoReg ADC_CR;
    RwReg ADC_MR, ADC_SEQR1, ADC_SEQR2;
    WoReg ADC_CHER, ADC_CHDR;
    RoReg ADC_CHSR, Reserved1[1], ADC_LCDR;
    WoReg ADC_IER, ADC_IDR;
    RoReg ADC_IMR, ADC_ISR, Reserved2[2], ADC_OVER;
    RwReg ADC_EMR, ADC_CWR, ADC_CGR, ADC_COR;
    RoReg ADC_CDR[16], Reserved3[1];
    RwReg ADC_ACR;
    RoReg Reserved4[19];
    RwReg ADC_WPMR;
    RoReg ADC_WPSR, Reserved5[5];
    RwReg ADC_RPR, ADC_RCR;
    RoReg Reserved6[2];
    RwReg ADC_RNPR, ADC_RNCR;
    RoReg Reserved7[2];
    WoReg ADC_PTCR;
    RoReg ADC_PTSR;
} Adc;
#define ADC ((Adc *)0x400C0000U)
#define ADC_CR_SWRST (0x1u << 0)
#define ADC_MR_TRGEN_EN (0x1u << 0)
#define ADC_MR_TRGSEL_ADC_TRIG1 (0x1u << 1)
#define ADC_MR_PRESCAL(value) ((0xffu << 8) & ((value) << 8))
#define ADC_MR_STARTUP_SUT64 (0x4u << 16)
#define ADC_MR_SETTLING_AST3 (0x0u << 20)
#define ADC_MR_TRACKTIM(value) ((0xfu << 24) & ((value) << 24))
#define ADC_MR_TRANSFER(value) ((0x3u << 28) & ((value) << 28))
#define ADC_IER_ENDRX (0x1u << 27)
#define ADC_ISR_ENDRX (0x1u << 27)
#define ADC_PTCR_RXTEN (0x1u << 0)

#endif
