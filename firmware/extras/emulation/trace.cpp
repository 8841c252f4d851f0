/* Runs input.wav through the library block by block, as a sketch does. Writes the features, the hidden state and the
 * posteriors of each frame to trace.bin, all int16. Prints an event a line. */
#include "WakeWord.h"
#include "semihosting.h"
#include "startup.h"
#include "wakeword_model.h"
#include "wav.h"

static void print_events()
{
    WakeWordEvent event;
    while (WakeWord.poll(event)) {
        semihosting_print(event.word);
        semihosting_print_number("", event.frame);
    }
}

static void write_frame(int32_t file)
{
    const ww_engine &engine = WakeWord.engine();
    semihosting_write(file, engine.features, sizeof engine.features);
    semihosting_write(file, engine.recognizer.network.hidden, wakeword_model.hidden * sizeof(int16_t));
    semihosting_write(file, engine.recognizer.posteriors, wakeword_model.labels * sizeof(int16_t));
}

int main()
{
    int16_t samples[WW_HOP];
    uint32_t count, frames = 0;
    const int32_t wav = wav_open("input.wav"), trace = semihosting_open_write("trace.bin");
    WakeWord.begin(wakeword_model, wakeword_labels);
    while ((count = wav_read(wav, samples, WW_HOP)) > 0) {
        WakeWord.push(samples, count);
        if (WakeWord.engine().recognizer.detector.frame != frames)
            write_frame(trace);
        frames = WakeWord.engine().recognizer.detector.frame;
        print_events();
    }
    return 0;
}
