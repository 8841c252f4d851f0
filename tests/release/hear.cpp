/* A sketch's use of the library, on a computer: raw samples come from standard input, and a line for each event goes out. */
#include <cstdio>

#include <WakeWord.h>

#include "wakeword_model.h"

int main()
{
    int16_t samples[160];
    size_t count;
    WakeWordEvent event;
    WakeWord.begin(wakeword_model, wakeword_labels);
    while ((count = fread(samples, sizeof *samples, 160, stdin)) > 0) {
        WakeWord.push(samples, static_cast<uint32_t>(count));
        while (WakeWord.poll(event))
            printf("%s %d %lu\n", event.word, event.score, static_cast<unsigned long>(event.frame));
    }
    return 0;
}
