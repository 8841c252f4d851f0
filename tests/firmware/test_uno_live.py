"""The whole live pipeline on an Uno: equal to the reference, in time, within 2 KB of RAM."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cffi import FFI

from bench.firmware.uno import FLASH, RAM, sizes
from bench.firmware.uno_live import CYCLES_A_HOP, Run, build, differences, simulate
from featurizer.uno import HOP, MEL_BANDS, WINDOW, UnoFeaturizer
from tests.firmware.toolchain import C99, CORE, HOST, compile_objects, run
from tests.firmware.uno_models import random_uno_model
from tests.signals import corner_cases, demo_words
from wakeword.errors import WakewordError
from wakeword.inference.uno import UnoEngine, load_uno_model, sampled
from wakeword.model.export_uno import export_uno
from wakeword.model.file import Model

UNO = CORE.parent / "uno"
# The Arduino IDE's default, and its warnings as errors: that C and C++ declare an object differently is one.
OPTIMISED_AT_THE_LINK = ["-flto", "-Werror"]
DECLARATIONS = """
void begin(void);
void put(uint16_t sample);
int poll(void);
int16_t feature(int band);
int16_t posterior(int label);
uint32_t lost(void);
"""
DEFINITIONS = """
#include "uno/ww_uno_live.h"
static ww_uno_live live;
void begin(void) { ww_uno_live_begin(&live, &wakeword_uno_model); }
void put(uint16_t sample) { ww_uno_live_put(&live, sample); }
int poll(void) { ww_event event; return ww_uno_live_poll(&live, &event); }
int16_t feature(int band) { return live.features[band]; }
int16_t posterior(int label) { return live.posteriors[label]; }
uint32_t lost(void) { return live.lost; }
"""


@pytest.fixture(scope="module")
def core(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The pipeline's C on the computer, which ends the test at the first overflow."""
    folder = tmp_path_factory.mktemp("uno")
    (folder / "live.c").write_text(f"#include <stdint.h>\n{DECLARATIONS}{DEFINITIONS}")
    (folder / "uno_model.c").write_text(export_uno(random_uno_model()))
    sources = [folder / "live.c", folder / "uno_model.c", *UNO.glob("*.c"), *CORE.glob("ww_[dt]*.c")]
    checked = ["-fsanitize=undefined", "-fno-sanitize-recover=all"]
    library = folder / "live.so"
    run(*HOST, *C99, "-O1", "-shared", "-fPIC", *checked, f"-I{CORE.parent}", *sources, "-o", library)
    ffi = FFI()
    ffi.cdef(DECLARATIONS)
    return ffi.dlopen(str(library))


def test_only_one_header_shifts_bits() -> None:
    code = {path.name: re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S) for path in UNO.glob("ww_*")}
    assert [name for name, text in code.items() if "<<" in text or ">>" in text] == ["ww_uno_fixed.h"]


def test_the_avr_compiler_has_nothing_to_say(tmp_path: Path) -> None:
    flags = ["-mmcu=atmega328p", "-std=gnu11", "-Os", "-Wall", "-Wextra", "-Werror"]
    compile_objects(["avr-gcc", *flags], sorted(UNO.glob("*.c")), tmp_path)


def frames(core: Any, samples: np.ndarray, late: int = 0) -> Iterator[tuple[list[int], list[int]]]:
    """Features and posteriors of each frame; the core is polled once in `late` samples, or after each."""
    for number, sample in enumerate(samples, start=1):
        core.put(int(sample))
        while number % max(late, 1) == 0 and core.poll():
            yield [core.feature(band) for band in range(MEL_BANDS)], [core.posterior(label) for label in range(6)]


def hardest() -> dict[str, np.ndarray]:
    """What a converter of 10 bits may give, at the limits of 16 bits inside."""
    rng = np.random.default_rng(0)
    chirp = np.where(np.sin(np.arange(8000) ** 2 / 5000) > 0, 1023, 0)
    coins = rng.integers(0, 2, 8000)
    cases: dict[str, np.ndarray] = {name: sampled(samples) for name, samples in corner_cases().items()}
    cases |= {"square chirp": chirp, "coins at full scale": coins * 1023, "coins of one step": 511 + coins}
    return cases | {"noise at full scale": rng.integers(0, 1024, 8000)}


@pytest.mark.parametrize("case", hardest())
def test_the_front_end_in_c_equals_the_reference(core: Any, case: str) -> None:
    samples = hardest()[case]
    core.begin()
    found = [features for features, _ in frames(core, samples)]
    np.testing.assert_array_equal(found, UnoFeaturizer().push(samples))


def test_frames_that_come_late_are_the_same_while_the_ring_holds_them(core: Any) -> None:
    samples = sampled(demo_words())[:8000]
    core.begin()
    found = [posteriors for _, posteriors in frames(core, samples, late=40)]
    wanted = UnoEngine(random_uno_model()).push(samples).posteriors
    np.testing.assert_array_equal(found, wanted[: len(found)])
    assert len(found) >= len(wanted) - 1 and core.lost() == 0


def test_samples_that_are_lost_are_counted_and_the_next_frame_is_whole(core: Any) -> None:
    samples = sampled(demo_words())[8000:16000]
    core.begin()
    assert not list(frames(core, samples[: 10 * HOP], late=10 * HOP))
    found = [features for features, _ in frames(core, samples[10 * HOP :])]
    assert core.lost() == 9 * HOP
    np.testing.assert_array_equal(found, UnoFeaturizer().push(samples)[9:])


def test_more_lost_samples_than_sixteen_bits_hold_are_counted(core: Any) -> None:
    samples, late = np.resize([511, 512], 90_000), 15_000
    core.begin()
    found = list(frames(core, samples, late))
    assert core.lost() > 65_535
    assert 0 <= len(samples) - core.lost() - HOP * len(found) <= WINDOW


# As much of the Uno's Arduino.h and registers as its microphone uses, on this computer.
FACE = """
#include <stdint.h>
#define F_CPU 16000000L
#define _BV(bit) (1 << (bit))
#define ISR(vector) void vector()
enum { A0 = 14, REFS0 = 6, ADTS0 = 0, ADTS2 = 2, ADEN = 7, ADATE = 5, ADIE = 3, ADPS1 = 1, ADPS2 = 2 };
enum { WGM12 = 3, CS10 = 0, OCF1B = 2 };
static uint8_t ADMUX, DIDR0, ADCSRA, ADCSRB, TCCR1A, TCCR1B, TIFR1;
static uint16_t TCNT1, OCR1A, OCR1B, ADC;
"""
PINS = """
#include <uno/UnoMicrophone.h>
#include <initializer_list>
#include <stdio.h>
int main()
{
    for (int pin : {14, 21, 0, 7, 8, 13, 22, 255}) {
        const bool begun = UnoMicrophone.begin(static_cast<uint8_t>(pin), wakeword_uno_model);
        printf("%d:%d ", begun, ADMUX - 64);
    }
}
"""


def test_the_converter_is_given_only_pins_that_it_has(tmp_path: Path) -> None:
    """14 is A0. Any other number would set bits of ADMUX that choose the reference and where a sample's bits lie."""
    (tmp_path / "Arduino.h").write_text(FACE)
    (tmp_path / "pins.cpp").write_text(PINS)
    (tmp_path / "uno_model.c").write_text(export_uno(random_uno_model()))
    sources = [tmp_path / "uno_model.c", *UNO.glob("*.c"), *CORE.glob("ww_[dt]*.c")]
    objects = compile_objects([*HOST, *C99, f"-I{CORE.parent}"], sources, tmp_path)
    cpp = ["g++", "-w", "-D__AVR_ATmega328P__", f"-I{CORE.parent}", f"-I{tmp_path}"]
    run(*cpp, tmp_path / "pins.cpp", *objects, "-o", tmp_path / "pins")
    assert run(tmp_path / "pins").split() == ["1:0", "1:7", "1:0", "1:7", "0:7", "0:7", "0:7", "0:7"]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Model, np.ndarray, tuple[int, int]]:
    """Run two words on a simulated Uno, with a model whose state moves on any input."""
    folder = tmp_path_factory.mktemp("live")
    model, samples = random_uno_model(), sampled(demo_words())[4000:24000]
    elf = build(model, folder)
    return simulate(elf, model, samples), model, samples, sizes(elf)


def test_every_frame_on_an_uno_equals_the_reference(simulated: Any) -> None:
    found, model, samples, _ = simulated
    assert len(found.lines) > 2
    assert differences(found, model, samples) == []


def test_an_uno_is_done_with_a_frame_before_the_next(simulated: Any) -> None:
    found = simulated[0]
    assert found.cycles.max() <= 0.92 * CYCLES_A_HOP


def test_an_uno_has_room_for_all_of_it(simulated: Any) -> None:
    found, _, _, (flash, ram) = simulated
    assert flash <= FLASH // 2
    assert ram + found.stack <= RAM - 64


def test_the_model_beside_the_sketch_is_the_packages_own() -> None:
    committed = (CORE.parents[1] / "examples/UnoLive/uno_model.c").read_text()
    wanted = export_uno(load_uno_model())
    assert committed == wanted, "stale; wakeword export uno --format uno --out firmware/examples/UnoLive"


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (random_uno_model(hidden=33), "room for 32 hidden units, this model has 33"),
        (random_uno_model(rank=17), "room for 16 ranks, this model has 17"),
        (random_uno_model(words=11), "room for 12 labels, this model has 13"),
        (replace(random_uno_model(), gate="tanh"), "sigmoid gate"),
    ],
)
def test_a_model_that_an_uno_cannot_run_is_refused(model: Model, reason: str) -> None:
    with pytest.raises(WakewordError, match=reason):
        export_uno(model)


def test_c_and_cpp_give_the_model_one_type_so_that_the_linker_has_nothing_to_warn_of(tmp_path: Path) -> None:
    assert sizes(build(random_uno_model(), tmp_path, OPTIMISED_AT_THE_LINK))[0] <= FLASH
