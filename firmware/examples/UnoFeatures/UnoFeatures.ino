// For an Uno that runs a network of at most 1 KB on features which a computer sends. The wakeword_model.h beside this
// sketch is made up, as large as that, and knows no word. Write yours over it, and try it:
// wakeword export MODEL --format c --out UnoFeatures
// wakeword selftest --features --port PORT --model MODEL
#include <WakeWord.h>
#include <link/ww_network.h>
#include "wakeword_model.h"

static ww_network network;

static void write(const uint8_t *bytes, uint16_t count)
{
    Serial.write(bytes, count);
}

void setup()
{
    Serial.begin(115200);
    ww_network_begin(&network, &wakeword_model, WAKEWORD_MODEL_ID, write);
}

void loop()
{
    while (Serial.available() > 0)
        ww_network_receive(&network, static_cast<uint8_t>(Serial.read()));
}
