// Prints the words that are spoken to a microphone on I2S. Wiring, and pins of your own: see the library's README.
#include <I2SMicrophone.h>
#include <WakeWord.h>
#include "wakeword_model.h" // the one beside this sketch if there is one, else google12

#if defined(ARDUINO_SAMD_ZERO)
#define Serial SerialUSB // by the native port, not the programming port
#endif

static bool listens;

void setup()
{
    Serial.begin(115200);
    WakeWord.begin(wakeword_model, wakeword_labels);
    listens = I2SMicrophone.begin();
}

void loop()
{
    if (!listens) { // said again and again: a port over USB drops what comes before somebody reads it
        Serial.println("the I2S bus is in use, or these can't be its pins");
        delay(1000);
        return;
    }
    const int16_t *samples = I2SMicrophone.read();
    if (samples)
        WakeWord.push(samples, I2SMicrophone.BLOCK);
    else
        I2SMicrophone.sleep();
    WakeWordEvent event;
    while (WakeWord.poll(event))
        Serial.println(event.word);
}
