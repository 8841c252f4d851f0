// Detects words at a microphone on I2S and sends them to a computer:
// wakeword listen --serial PORT. Wiring: see the library's README.
#include <I2SMicrophone.h>
#include <WakeWordLink.h>
#include "wakeword_model.h" // the one beside this sketch if there is one, else google12

#if defined(ARDUINO_SAMD_ZERO)
#define Serial SerialUSB // by the native port, not the programming port
#endif

void setup()
{
    Serial.begin(115200);
    I2SMicrophone.begin();
    WakeWordLink.begin(Serial, wakeword_model, wakeword_labels, WAKEWORD_MODEL_ID);
}

void loop()
{
    const int16_t *samples = I2SMicrophone.read();
    if (samples)
        WakeWordLink.push(samples, I2SMicrophone.BLOCK);
    WakeWordLink.poll(I2SMicrophone.lost());
}
