/* A sketch of three models: wakeword_model.h and second_model.h, and command_model.h for a second after a word of
 * theirs. It runs input.wav block by block. It writes the features of each frame, the hidden states of all models and
 * their posteriors to trace.bin, all int16, and 0 for a command that is not heard. It prints events: the model's
 * number, the word, the score, "at" and the frame. */
#include "WakeWord.h"
#include "command_model.h"
#include "second_model.h"
#include "semihosting.h"
#include "wakeword_model.h"
#include "wav.h"

static WakeWordModel second, command;

static void print_events()
{
    WakeWordEvent event;
    while (WakeWord.poll(event)) {
        const bool of_second = event.labels == second_labels, of_command = event.labels == command_labels;
        semihosting_print(of_command ? "2 " : of_second ? "1 " : "0 ");
        semihosting_print(event.word);
        semihosting_print_number("", static_cast<uint32_t>(event.score));
        semihosting_print_number("at", event.frame);
    }
}

static void write(int32_t file, const int16_t *values, uint32_t count, bool heard)
{
    static const int16_t nothing[WW_MAX_HIDDEN] = {0};
    semihosting_write(file, heard ? values : nothing, count * static_cast<uint32_t>(sizeof *values));
}

static void write_frame(int32_t file, bool heard)
{
    const ww_engine &engine = WakeWord.engine();
    write(file, engine.features, WW_MEL_BANDS, true);
    write(file, engine.recognizer.network.hidden, wakeword_model.hidden, true);
    write(file, second.recognizer.network.hidden, second_model.hidden, true);
    write(file, command.recognizer.network.hidden, command_model.hidden, heard);
    write(file, engine.recognizer.posteriors, wakeword_model.labels, true);
    write(file, second.recognizer.posteriors, second_model.labels, true);
    write(file, command.recognizer.posteriors, command_model.labels, heard);
}

int main()
{
    int16_t samples[WW_HOP];
    uint32_t count, frames = 0;
    const int32_t wav = wav_open("input.wav"), trace = semihosting_open_write("trace.bin");
    WakeWord.begin(wakeword_model, wakeword_labels);
    WakeWord.add(second, second_model, second_labels);
    WakeWord.then(command, command_model, command_labels, 1);
    while ((count = wav_read(wav, samples, WW_HOP)) > 0) {
        const bool heard = command.left > 0;
        WakeWord.push(samples, count);
        if (WakeWord.engine().recognizer.detector.frame != frames)
            write_frame(trace, heard);
        frames = WakeWord.engine().recognizer.detector.frame;
        print_events();
    }
    return 0;
}
