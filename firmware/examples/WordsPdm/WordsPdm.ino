// Prints the words that are spoken to the microphone on the board: Arduino Nano 33 BLE Sense, Nano RP2040 Connect, XIAO
// nRF52840 Sense. On a Pico a PDM microphone is wired; give its pins: PdmMicrophone.begin(CLOCK, DATA).
#include <PdmMicrophone.h>
#include <WakeWord.h>
#include "wakeword_model.h" // the one beside this sketch if there is one, else google12

static bool listens;

void setup()
{
    Serial.begin(115200);
    WakeWord.begin(wakeword_model, wakeword_labels);
    listens = PdmMicrophone.begin();
}

void loop()
{
    if (!listens) { // said again and again: a port over USB drops what comes before somebody reads it
        Serial.println("the microphone can't be started");
        delay(1000);
        return;
    }
    const int16_t *samples = PdmMicrophone.read();
    if (samples)
        WakeWord.push(samples, PdmMicrophone.BLOCK);
    else
        PdmMicrophone.sleep();
    WakeWordEvent event;
    while (WakeWord.poll(event))
        Serial.println(event.word);
}
