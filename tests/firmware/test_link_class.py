"""`WakeWordLink` on this computer, at a serial port of the tests' own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.firmware.arduino import BOARDS, SRC, WARNINGS, compile_sketch
from tests.firmware.toolchain import HOST, SANITIZED, run

# A computer has sent a million bytes. The sketch prints how many of them wait after one call.
FLOODED = """
#include <WakeWordLink.h>
#include <wakeword_model.h>
#include <stdio.h>

class Flood : public Stream
{
  public:
    int waiting = 1000000;
    int available() override { return waiting; }
    int read() override { return --waiting % 7; }
    int peek() override { return -1; }
    size_t write(uint8_t byte) override { return write(&byte, 1); }
    size_t write(const uint8_t *, size_t size) override { return size; }
} flood;

unsigned long micros() { return 0; }
size_t arduino::Print::write(const uint8_t *, size_t) { return 0; }
void setup() { WakeWordLink.begin(flood, wakeword_model, wakeword_labels, WAKEWORD_MODEL_ID); }
void loop()
{
    WakeWordLink.poll(0);
    printf("%d", flood.waiting);
}
int main() { setup(); loop(); }
"""


# A sketch whose setup() returned before it began anything.
NOT_BEGUN = """
#include <WakeWordLink.h>
#include <stdio.h>

static int16_t samples[1600];
unsigned long micros() { return 0; }
void setup() {}
void loop()
{
    WakeWordEvent event;
    WakeWord.push(samples, 1600);
    WakeWordLink.push(samples, 1600);
    WakeWordLink.poll(0);
    printf("%d", WakeWord.poll(event));
}
int main() { setup(); loop(); }
"""


def printed(sketch: str, folder: Path) -> str:
    """Compile a sketch with its main() for this computer, and run it."""
    board = replace(BOARDS["nano33ble"], c=[*HOST, *SANITIZED])
    (folder / "Sketch.ino").write_text(sketch)
    sources = [SRC / "WakeWord.cpp", SRC / "WakeWordLink.cpp", *(SRC / "core").glob("*.c"), *(SRC / "link").glob("*.c")]
    objects = [compile_sketch(board, folder / "Sketch.ino", folder)]
    for source in sources:
        compiler = board.compiler if source.suffix == ".c" else [*board.cpp, *WARNINGS]
        objects.append(folder / f"{source.name}.o")
        run(*compiler, "-c", source, "-o", objects[-1])
    run(*board.cpp, *objects, "-o", folder / "sketch")
    return str(run(folder / "sketch"))


def test_a_computer_that_sends_without_end_does_not_keep_the_board_from_its_microphone(tmp_path: Path) -> None:
    assert 1_000_000 - int(printed(FLOODED, tmp_path)) == 250


def test_samples_before_a_stream_has_begun_are_ignored(tmp_path: Path) -> None:
    assert printed(NOT_BEGUN, tmp_path) == "0"
