/* An Uno hears at 8 kHz by its own converter. Include this in one file of a sketch: it holds the converter's interrupt,
 * which is the sketch's own, and the memory of the pipeline.
 *
 *     UnoMicrophone.begin(A0, wakeword_uno_model);
 *     if (UnoMicrophone.poll(event)) Serial.println(wakeword_uno_labels[event.label]);
 */
#ifndef UNO_MICROPHONE_H
#define UNO_MICROPHONE_H

#include <Arduino.h>

#include "ww_uno_live.h"

static ww_uno_live wakeword_uno;

ISR(ADC_vect)
{
    TIFR1 = _BV(OCF1B); // or the timer's next match would start no conversion
    ww_uno_live_put(&wakeword_uno, ADC);
}

class UnoMicrophoneClass
{
  public:
    /* Begin to listen at a pin, against the board's 5 V. Timer 1 and the converter are taken. */
    void begin(uint8_t pin, const ww_uno_model &model)
    {
        const uint8_t channel = pin - A0;
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
    }

    /* Compute a frame if its samples are there; true where a word was detected. Come back to it all the time. */
    bool poll(ww_event &event) { return ww_uno_live_poll(&wakeword_uno, &event) & WW_UNO_EVENT; }

    /* Samples that could not be heard since the sketch did not come back in time. */
    uint16_t lost() const { return wakeword_uno.lost; }
};

static UnoMicrophoneClass UnoMicrophone;

#endif
