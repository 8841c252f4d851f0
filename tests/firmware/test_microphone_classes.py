"""The microphones of the boards' cores, on this computer: the library's own classes above drivers that do what the real
ones do, with a recording as the microphone (tests/firmware/heard). A board itself has run none of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from featurizer.logmel import Samples
from tests import processes
from tests.firmware.arduino import BOARDS, LIBRARY, SRC, WARNINGS, compile_sketch
from tests.firmware.toolchain import HOST, SANITIZED, run
from tests.signals import demo, demo_words
from wakeword.inference.engine import open_engine
from wakeword.model.pretrained import load_model

HEARD = Path(__file__).with_name("heard")
BLOCK = 160
# A sketch that prints its microphone's samples, and what it has lost.
RECORDER = """
#include <MICROPHONE.h>
#include "heard.h"

uint32_t lost() { return MICROPHONE.lost(); }
void setup() { if (!MICROPHONE.begin(PINS)) Serial.println("refused"); }
void loop()
{
    while (const int16_t *samples = MICROPHONE.read())
        Serial.write(reinterpret_cast<const uint8_t *>(samples), 2 * MICROPHONE.BLOCK);
    MICROPHONE.sleep();
}
"""


@dataclass(frozen=True)
class Way:
    """A microphone at a board's driver."""

    board: str
    microphone: str
    driver: str
    words: str  # the example
    pins: str = ""
    late: int = 2  # times that the driver may deliver between two calls of read(), and no sample is lost


WAYS = {
    "pdm-mbed": Way("nano33ble", "PdmMicrophone", "pdm", "WordsPdm"),
    "pdm-nrf52": Way("xiao", "PdmMicrophone", "pdm", "WordsPdm"),
    "pdm-pico": Way("pico", "PdmMicrophone", "pdm", "WordsPdm", "2, 3"),
    "i2s-pico": Way("pico", "I2SMicrophone", "pico_i2s", "WordsI2S", late=6),
    "i2s-esp32": Way("esp32s3", "I2SMicrophone", "esp32_i2s", "WordsI2S", late=3),
    "i2s-mkr1000": Way("mkr1000", "I2SMicrophone", "samd_i2s", "WordsI2S", late=5),
    "adc-pico": Way("pico2", "AnalogMicrophone", "pico_adc", "Words", late=6),
}


@dataclass(frozen=True)
class Heard:
    printed: bytes
    lost: int


Run = Callable[..., Heard]


@pytest.fixture(scope="module")
def hear(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a sketch of a way on a recording; the program has its turn after every so many deliveries of the driver."""
    folder = tmp_path_factory.mktemp("heard")

    @cache
    def compiled(path: Path, *command: str) -> Path:
        target = folder / f"{len(list(folder.iterdir()))}.o"
        run(*command, "-c", path, "-o", target)
        return target

    @cache
    def program(way: Way, sketch: str) -> Path:
        # What a sketch does not call is left out, so the Pico's other microphones need no driver.
        options = ["-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections", f"-I{HEARD}"]
        if way.board == "mkr1000":
            options.append("-D__ARM_ARCH_6M__")  # by which the library tells a SAMD21
        board = replace(BOARDS[way.board], c=[*HOST, *SANITIZED, "-pthread"], options=options)
        source = folder / f"{way.board}{way.microphone}{sketch}{way.pins}.ino"
        source.write_text(sketch_of(way, sketch))
        sources = [SRC / "WakeWord.cpp", *sorted((SRC / "microphone").glob("*.cpp"))]
        sources += [HEARD / f"{name}.cpp" for name in (way.driver, "serial", "heard")]
        objects = [compiled(path, *HOST, "-O2", f"-I{SRC}") for path in sorted((SRC / "core").glob("*.c"))]
        objects += [compiled(path, *board.compiler) for path in sorted((SRC / "microphone").glob("*.c"))]
        objects += [compiled(path, *board.cpp, *WARNINGS) for path in sources]
        run(*board.cpp, *objects, compile_sketch(board, source, folder), "-o", source.with_suffix(""))
        return source.with_suffix("")

    def heard(way: Way, sketch: str, samples: Samples, every: int = 1) -> Heard:
        recording = folder / "recording.raw"
        recording.write_bytes(samples.astype("<i2").tobytes())
        with (folder / "printed").open("w+b") as printed:
            done = processes.run([program(way, sketch), recording, str(every)], stdout=printed)
            assert done.returncode == 0, done.stderr
            printed.seek(0)
            return Heard(printed.read(), int(done.stderr))

    return heard


def sketch_of(way: Way, name: str) -> str:
    """An example with the way's pins, or the recorder."""
    if name == "Recorder":
        return RECORDER.replace("MICROPHONE", way.microphone).replace("PINS", way.pins)
    text = (LIBRARY / "examples" / name / f"{name}.ino").read_text()
    begun = f"{way.microphone}.begin("
    assert begun in text
    if way.pins:
        text = text.replace(f"{begun})", f"{begun}{way.pins})")
    return f'#include "heard.h"\n{text}\nuint32_t lost() {{ return {way.microphone}.lost(); }}\n'


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> Way:
    return WAYS[request.param]


def as_the_driver_has_it(way: Way, samples: Samples) -> Samples:
    """Samples, or a 12-bit converter's codes."""
    return (samples >> 4) + 2048 if way.microphone == "AnalogMicrophone" else samples


def as_the_sketch_has_it(way: Way, samples: Samples) -> Samples:
    """Samples, or codes without the level of silence, which follows them slowly (ww_adc.c)."""
    if way.microphone != "AnalogMicrophone":
        return samples
    values = samples.astype(int) * 16 - 32768
    level, without = int(values[0]) * 256, []
    for value in values.tolist():
        level += half_up(value * 256 - level, 12)
        without.append(value - half_up(level, 8))
    return np.clip(without, -32768, 32767).astype(np.int16)


def half_up(value: int, bits: int) -> int:
    return (value + (1 << bits >> 1)) >> bits


def test_an_example_prints_the_words_that_the_engine_hears(way: Way, hear: Run) -> None:
    model = load_model()
    expected = [model.labels[event.label] for event in open_engine(model).push(demo()).events]
    heard = hear(way, way.words, as_the_driver_has_it(way, demo()))
    assert (heard.printed.decode().split(), heard.lost) == (expected, 0)
    assert len(expected) == 11


def test_an_example_says_that_its_microphone_did_not_start_until_somebody_reads_it(hear: Run) -> None:
    """A port over USB drops what is printed before a computer has opened it."""
    refused = replace(WAYS["i2s-pico"], pins="2, 9, 4")
    printed = hear(refused, "WordsI2S", demo_words()).printed.decode().splitlines()
    assert len(printed) > 9
    assert set(printed) == {"the I2S bus is in use, or these can't be its pins"}


def test_every_sample_comes_once_and_in_order(way: Way, hear: Run) -> None:
    samples = as_the_driver_has_it(way, demo_words())
    heard = hear(way, "Recorder", samples, way.late)
    found = np.frombuffer(heard.printed, "<i2")
    assert heard.lost == 0
    assert len(found) > len(samples) - 5 * BLOCK  # the rest is less than the driver or a block holds
    np.testing.assert_array_equal(found, as_the_sketch_has_it(way, samples)[: len(found)])


def test_a_program_that_is_too_late_loses_whole_blocks_and_counts_them(way: Way, hear: Run) -> None:
    numbers = np.repeat(np.arange(400, dtype=np.int16), BLOCK) if way.microphone != "AnalogMicrophone" else None
    samples = np.full(400 * BLOCK, 2048, np.int16) if numbers is None else numbers
    heard = hear(way, "Recorder", samples, 20)
    found = np.frombuffer(heard.printed, "<i2")
    assert heard.lost > 0 and heard.lost % BLOCK == 0
    assert len(found) + heard.lost == pytest.approx(len(samples), abs=2 * BLOCK)
    if numbers is not None:  # each block has one number, and no number comes again
        blocks = found.reshape(-1, BLOCK)
        assert (blocks == blocks[:, :1]).all() and (np.diff(blocks[:, 0]) > 0).all()


# The board's table has one pin, without a converter.
OTHER_PINS = """
#include <AnalogMicrophone.h>

const PinDescription g_APinDescription[1] = {{0, NO_CHANNEL}};

int main() { return AnalogMicrophone.begin(0) || AnalogMicrophone.begin(-1) || AnalogMicrophone.begin(PINS_COUNT); }
"""


@pytest.mark.parametrize(("name", "none"), [("due", "NO_ADC, NO_ADC"), ("mkr1000", "No_ADC_Channel")])
def test_an_analog_microphone_refuses_what_is_no_pin_or_no_analog_one(name: str, none: str, tmp_path: Path) -> None:
    """Addresses of the boards have 32 bits, so what comes after the refusal can't run here."""
    options = ["-D__ARM_ARCH_6M__", "-fpermissive", "-w", "-no-pie", "-Wl,--unresolved-symbols=ignore-all"]
    board = replace(BOARDS[name], c=[*HOST, *SANITIZED], options=options)
    (tmp_path / "pins.cpp").write_text(OTHER_PINS.replace("NO_CHANNEL", none))
    sources = [*sorted((SRC / "microphone").glob("AnalogMicrophone*.cpp")), *(SRC / "microphone").glob("*.c")]
    run(*board.cpp, "-x", "c++", tmp_path / "pins.cpp", *sources, "-o", tmp_path / "pins")
    run(tmp_path / "pins")
