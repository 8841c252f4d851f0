/* A sketch that processes all of input.wav, and only then asks for words. */
#include "WakeWord.h"
#include "semihosting.h"
#include "wakeword_model.h"
#include "wav.h"

int main()
{
    int16_t samples[1000];
    uint32_t count;
    WakeWordEvent event;
    const int32_t wav = wav_open("input.wav");
    WakeWord.begin(wakeword_model, wakeword_labels);
    while ((count = wav_read(wav, samples, 1000)) > 0)
        WakeWord.push(samples, count);
    while (WakeWord.poll(event)) {
        semihosting_print(event.word);
        semihosting_print("\n");
    }
    semihosting_print("none\n");
    return 0;
}
