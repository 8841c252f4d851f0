// Hears a wake word at a microphone at A0, then for five seconds commands: the words of google12. Write the wake word's
// model, any that you have trained, beside this sketch:
// wakeword export MODEL --format c --name wake --out ThenCommand
#include <AnalogMicrophone.h>
#include <WakeWord.h>
#include "wake_model.h"
#include "wakeword_model.h" // the one beside this sketch if there is one, else google12

static WakeWordModel commands;

void setup()
{
    Serial.begin(115200);
    WakeWord.begin(wake_model, wake_labels);
    WakeWord.then(commands, wakeword_model, wakeword_labels);
    if (!AnalogMicrophone.begin(A0))
        Serial.println("A0 can't be sampled");
}

void loop()
{
    const int16_t *samples = AnalogMicrophone.read();
    if (samples)
        WakeWord.push(samples, AnalogMicrophone.BLOCK);
    WakeWordEvent event;
    while (WakeWord.poll(event)) {
        if (event.labels == wake_labels)
            Serial.print("listening: ");
        Serial.println(event.word);
    }
}
