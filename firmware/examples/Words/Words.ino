// Prints the words that are spoken to a microphone at A0. Wiring: see the library's README.
#include <AnalogMicrophone.h>
#include <WakeWord.h>
#include "wakeword_model.h" // the one beside this sketch if there is one, else google12

#if defined(ARDUINO_SAMD_ZERO)
#define Serial SerialUSB // by the native port, not the programming port
#endif

void setup()
{
    Serial.begin(115200);
    WakeWord.begin(wakeword_model, wakeword_labels);
    if (!AnalogMicrophone.begin(A0))
        Serial.println("A0 can't be sampled");
}

void loop()
{
    const int16_t *samples = AnalogMicrophone.read();
    if (samples)
        WakeWord.push(samples, AnalogMicrophone.BLOCK);
    WakeWordEvent event;
    while (WakeWord.poll(event))
        Serial.println(event.word);
}
