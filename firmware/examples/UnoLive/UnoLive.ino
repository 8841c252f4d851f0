// The whole pipeline on an Uno, from an analog microphone at A0 to words on the serial port: features, network and
// detector run on the chip. uno_model.c beside this sketch is the model; docs/uno.md trains another.
#include <WakeWord.h>
#include <uno/UnoMicrophone.h>

void setup()
{
    Serial.begin(115200);
    UnoMicrophone.begin(A0, wakeword_uno_model);
}

void loop()
{
    ww_event event;
    if (!UnoMicrophone.poll(event))
        return;
    Serial.print(wakeword_uno_labels[event.label]);
    Serial.print(' ');
    Serial.print(event.frame);
    Serial.print(' ');
    Serial.println(UnoMicrophone.lost());
}
