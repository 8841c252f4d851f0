/* The microphone and the pipeline of an Uno, at 8 kHz by its own converter. Include this in one file of a sketch: it
 * defines the converter's interrupt and the memory of the pipeline.
 *
 *     UnoMicrophone.begin(A0, wakeword_uno_model);
 *     if (UnoMicrophone.poll(event)) Serial.println(wakeword_uno_labels[event.label]);
 */
#ifndef UNO_MICROPHONE_H
#define UNO_MICROPHONE_H

#include <Arduino.h>

#include "ww_uno_live.h"

#if !defined(__AVR_ATmega328P__)
#error "UnoMicrophone does not know this board: use WakeWord, and give it samples by WakeWord.push()"
#endif

class UnoMicrophoneClass
{
  public:
    /* Begin to sample a pin, A0 to A7 or 0 to 7 as analogRead() has them, with the board's 5 V as reference; false for
     * any other. Timer 1 and the converter are then in use. */
    bool begin(uint8_t pin, const ww_uno_model &model);

    /* Compute a frame if its samples are complete; true if a word was detected. Call it again within 4 ms. */
    bool poll(ww_event &event);

    /* Samples lost so far because poll() was called too late. */
    uint32_t lost() const;
};

#if defined(__AVR_ATmega328P__)
static ww_uno_live wakeword_uno;

ISR(ADC_vect)
{
    TIFR1 = _BV(OCF1B); // else the timer's next match starts no conversion
    ww_uno_live_put(&wakeword_uno, ADC);
}

inline bool UnoMicrophoneClass::begin(uint8_t pin, const ww_uno_model &model)
{
    const uint8_t channel = pin < A0 ? pin : pin - A0;
    if (channel > 7)
        return false; // its bits would choose another reference, and samples that are shifted
    ww_uno_live_begin(&wakeword_uno, &model);
    ADMUX = _BV(REFS0) | channel;
    DIDR0 |= _BV(channel);
    ADCSRB = _BV(ADTS2) | _BV(ADTS0); // each match B of timer 1 starts a conversion
    ADCSRA = _BV(ADEN) | _BV(ADATE) | _BV(ADIE) | _BV(ADPS2) | _BV(ADPS1); // 250 kHz: 54 us for one
    TCCR1A = 0;
    TCCR1B = _BV(WGM12) | _BV(CS10); // counts the processor's cycles, up to OCR1A
    TCNT1 = 0;
    OCR1A = OCR1B = F_CPU / WW_UNO_SAMPLE_RATE - 1;
    TIFR1 = _BV(OCF1B);
    return true;
}

inline bool UnoMicrophoneClass::poll(ww_event &event)
{
    return ww_uno_live_poll(&wakeword_uno, &event) & WW_UNO_EVENT;
}

inline uint32_t UnoMicrophoneClass::lost() const
{
    return wakeword_uno.lost;
}
#endif

static UnoMicrophoneClass UnoMicrophone;

#endif
