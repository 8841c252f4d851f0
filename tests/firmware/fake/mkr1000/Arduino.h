/* As much of the MKR1000's and the Zero's headers as the library uses. Names, types and register layouts are the real
 * ones; a name that is not here does not compile, and one that is not on the board must not be put here. */
#ifndef ARDUINO_H
#define ARDUINO_H

#include "../ArduinoFace.h"

#define F_CPU 48000000L

class Serial_ : public Stream
{
  public:
    void begin(uint32_t baud);
    size_t write(uint8_t byte);
    size_t write(const uint8_t *buffer, size_t size);
    using Print::write;
    int available(void);
    int read(void);
    operator bool();
};
extern Serial_ SerialUSB;
#if defined(ARDUINO_SAMD_ZERO) /* variants/arduino_zero/variant.h: at the programming port */
class Uart : public Stream
{
  public:
    void begin(unsigned long baud);
    size_t write(const uint8_t data);
    using Print::write;
    int available();
    int read();
};
extern Uart Serial;
#else
#define Serial SerialUSB
#endif

typedef enum { No_ADC_Channel = -1, ADC_Channel0 = 0 } EAnalogChannel;
typedef struct {
    uint32_t ulPin;
    EAnalogChannel ulADCChannelNumber;
} PinDescription;
extern "C" const PinDescription g_APinDescription[];
#if defined(ARDUINO_SAMD_ZERO)
#define PINS_COUNT (43u)
static const uint8_t A0 = 14;
#define PIN_I2S_SD (9u)
#define PIN_I2S_SCK (1u)
#define PIN_I2S_FS (0u)
#else
#define PINS_COUNT (33u)
static const uint8_t A0 = 15;
#define PIN_I2S_SD (21) /* A6 */
#define PIN_I2S_SCK (2u)
#define PIN_I2S_FS (3u)
#endif
typedef enum { PIO_ANALOG = 1 } EPioType;

typedef volatile uint8_t RwReg8;
typedef volatile uint16_t RwReg16;
typedef volatile uint32_t RwReg;

typedef union { struct { uint8_t SWRST : 1, ENABLE : 1, RUNSTDBY : 1, : 5; } bit; uint8_t reg; } ADC_CTRLA_Type;
typedef union { struct { uint8_t : 7, SYNCBUSY : 1; } bit; uint8_t reg; } SYNC_STATUS_Type;
typedef union { uint8_t reg; } REG8_Type;
typedef union { uint16_t reg; } REG16_Type;
typedef union { uint32_t reg; } REG32_Type;
typedef struct {
    volatile ADC_CTRLA_Type CTRLA;
    volatile REG8_Type REFCTRL, AVGCTRL, SAMPCTRL;
    volatile REG16_Type CTRLB;
    RwReg8 Reserved1[2];
    volatile REG8_Type WINCTRL;
    RwReg8 Reserved2[3];
    volatile REG8_Type SWTRIG;
    RwReg8 Reserved3[3];
    volatile REG32_Type INPUTCTRL;
    volatile REG8_Type EVCTRL;
    RwReg8 Reserved4[1];
    volatile REG8_Type INTENCLR, INTENSET, INTFLAG;
    const volatile SYNC_STATUS_Type STATUS;
    const volatile REG16_Type RESULT;
} Adc;
#define ADC ((Adc *)0x42004000UL)
#define ADC_REFCTRL_REFSEL_INTVCC1 (0x2ul << 0)
#define ADC_INPUTCTRL_GAIN_DIV2 (0xFul << 24)
#define ADC_INPUTCTRL_MUXNEG_GND (0x18ul << 8)
#define ADC_INPUTCTRL_MUXPOS(value) ((0x1Ful << 0) & ((value) << 0))
#define ADC_CTRLB_PRESCALER_DIV32 (0x3ul << 8)
#define ADC_CTRLB_RESSEL_12BIT (0x0ul << 4)
#define ADC_SAMPCTRL_SAMPLEN(value) ((0x3Ful << 0) & ((value) << 0))
#define ADC_EVCTRL_STARTEI (0x1ul << 0)
#define ADC_DMAC_ID_RESRDY 39

typedef struct {
    RwReg8 CTRL, SLEEP, Reserved1[6], CPUSEL, APBASEL, APBBSEL, APBCSEL, Reserved2[8];
    volatile REG32_Type AHBMASK, APBAMASK, APBBMASK, APBCMASK;
} Pm;
#define PM ((Pm *)0x40000400UL)
#define PM_APBCMASK_EVSYS (0x1ul << 1)
#define PM_APBCMASK_TC3 (0x1ul << 11)

typedef struct {
    volatile REG8_Type CTRL;
    RwReg8 Reserved1[3];
    volatile REG32_Type CHANNEL;
    volatile REG16_Type USER;
} Evsys;
#define EVSYS ((Evsys *)0x42000400UL)
#define EVSYS_USER_USER(value) ((0x1Ful << 0) & ((value) << 0))
#define EVSYS_USER_CHANNEL(value) ((0x1Ful << 8) & ((value) << 8))
#define EVSYS_CHANNEL_CHANNEL(value) ((0xFul << 0) & ((value) << 0))
#define EVSYS_CHANNEL_EVGEN(value) ((0x7Ful << 16) & ((value) << 16))
#define EVSYS_CHANNEL_PATH_ASYNCHRONOUS (0x2ul << 24)
#define EVSYS_ID_USER_ADC_START 23
#define EVSYS_ID_GEN_TC3_OVF 51

typedef struct {
    volatile REG8_Type CTRL;
    const volatile SYNC_STATUS_Type STATUS;
    volatile REG16_Type CLKCTRL;
} Gclk;
#define GCLK ((Gclk *)0x40000C00UL)
#define GCLK_CLKCTRL_CLKEN (0x1ul << 14)
#define GCLK_CLKCTRL_GEN_GCLK0 (0x0ul << 8)
#define GCLK_CLKCTRL_ID(value) ((0x3Ful << 0) & ((value) << 0))
#define GCM_TCC2_TC3 (0x1BU)

typedef union { struct { uint16_t SWRST : 1, ENABLE : 1, : 14; } bit; uint16_t reg; } TC_CTRLA_Type;
typedef struct {
    volatile TC_CTRLA_Type CTRLA;
    volatile REG16_Type READREQ;
    volatile REG8_Type CTRLBCLR, CTRLBSET, CTRLC;
    RwReg8 Reserved1[1], DBGCTRL, Reserved2[1];
    volatile REG16_Type EVCTRL;
    RwReg8 INTENCLR, INTENSET, INTFLAG;
    const volatile SYNC_STATUS_Type STATUS;
    volatile REG16_Type COUNT;
    RwReg8 Reserved3[6];
    volatile REG16_Type CC[2];
} TcCount16;
typedef union { TcCount16 COUNT16; } Tc;
#define TC3 ((Tc *)0x42002C00UL)
#define TC_CTRLA_SWRST (0x1ul << 0)
#define TC_CTRLA_ENABLE (0x1ul << 1)
#define TC_CTRLA_MODE_COUNT16 (0x0ul << 2)
#define TC_CTRLA_WAVEGEN_MFRQ (0x1ul << 5)
#define TC_EVCTRL_OVFEO (0x1ul << 8)

#endif
