// Prints the words that are spoken to the microphone on the board: Arduino Nano 33 BLE Sense, Nano RP2040 Connect, XIAO
// nRF52840 Sense. On a Pico a PDM microphone is wired; give its pins: PdmMicrophone.begin(CLOCK, DATA).
#include <PdmMicrophone.h>
#include <WakeWord.h>
#include "wakeword_model.h" // the one beside this sketch if there is one, else google12

void setup()
{
    Serial.begin(115200);
    WakeWord.begin(wakeword_model, wakeword_labels);
    if (!PdmMicrophone.begin())
        Serial.println("the microphone can't be started");
}

void loop()
{
    const int16_t *samples = PdmMicrophone.read();
    if (samples)
        WakeWord.push(samples, PdmMicrophone.BLOCK);
    WakeWordEvent event;
    while (WakeWord.poll(event))
        Serial.println(event.word);
}
