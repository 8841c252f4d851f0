// Detects words at a microphone at A0 and sends them to a computer:
// wakeword listen --serial PORT. Wiring: see the library's README.
#include <AnalogMicrophone.h>
#include <WakeWordLink.h>
#include "wakeword_model.h" // the one beside this sketch if there is one, else google12

#if defined(ARDUINO_SAMD_ZERO)
#define Serial SerialUSB // by the native port, not the programming port
#endif

void setup()
{
    Serial.begin(115200);
    AnalogMicrophone.begin(A0);
    WakeWordLink.begin(Serial, wakeword_model, wakeword_labels, WAKEWORD_MODEL_ID);
}

void loop()
{
    const int16_t *samples = AnalogMicrophone.read();
    if (samples)
        WakeWordLink.push(samples, AnalogMicrophone.BLOCK);
    WakeWordLink.poll(AnalogMicrophone.lost());
}
