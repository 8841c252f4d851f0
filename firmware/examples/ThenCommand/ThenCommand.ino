// Hears "computer" at a microphone at A0, then for five seconds the words of google12. Another wake word is a header
// beside this sketch, which replaces computer in the lines below:
// wakeword export alexa --format c --name alexa --out ThenCommand
#include <AnalogMicrophone.h>
#include <WakeWord.h>
#include "computer_model.h"
#include "wakeword_model.h" // the one beside this sketch if there is one, else google12

#if defined(ARDUINO_SAMD_ZERO)
#define Serial SerialUSB // by the native port, not the programming port
#endif

static WakeWordModel commands;
static bool listens;

void setup()
{
    Serial.begin(115200);
    WakeWord.begin(computer_model, computer_labels);
    WakeWord.then(commands, wakeword_model, wakeword_labels);
    listens = AnalogMicrophone.begin(A0);
}

void loop()
{
    if (!listens) { // said again and again: a port over USB drops what comes before somebody reads it
        Serial.println("A0 can't be sampled");
        delay(1000);
        return;
    }
    const int16_t *samples = AnalogMicrophone.read();
    if (samples)
        WakeWord.push(samples, AnalogMicrophone.BLOCK);
    else
        AnalogMicrophone.sleep();
    WakeWordEvent event;
    while (WakeWord.poll(event)) {
        if (event.labels == computer_labels)
            Serial.print("listening: ");
        Serial.println(event.word);
    }
}
