// Detects words at the microphone on the board and sends them to a computer:
// wakeword listen --serial PORT. The boards that have one: see the library's README.
#include <PdmMicrophone.h>
#include <WakeWordLink.h>
#include "wakeword_model.h" // the one beside this sketch if there is one, else google12

void setup()
{
    Serial.begin(115200);
    PdmMicrophone.begin();
    WakeWordLink.begin(Serial, wakeword_model, wakeword_labels, WAKEWORD_MODEL_ID);
}

void loop()
{
    const int16_t *samples = PdmMicrophone.read();
    if (samples)
        WakeWordLink.push(samples, PdmMicrophone.BLOCK);
    WakeWordLink.poll(PdmMicrophone.lost());
}
