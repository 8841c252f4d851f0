"""An exported model, compiled with the core under the address and undefined-behaviour sanitizers, computes what
the NumPy reference computes: the same bits, on speech and on the corners of int16."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests import processes
from tests.firmware.toolchain import C99, CORE, HOST, SANITIZED, SOURCES, compile_objects, run
from tests.signals import at_level, corner_cases, demo, noise
from tests.wakeword.models import (
    convolved_model,
    dense_model,
    extreme_convolved_model,
    extreme_model,
    nibble_convolution,
    nibble_model,
    random_convolution,
    random_model,
    ternary_model,
)
from wakeword.inference.engine import NumpyEngine
from wakeword.inference.trace import Trace
from wakeword.model.export_c import LAYOUT, export_c
from wakeword.model.file import Model

PROGRAM = Path(__file__).with_name("run_pcm.c")

# One stream, so that each signal begins in the state after the previous one.
STREAM = np.concatenate([*corner_cases().values(), at_level(noise(), -50), demo()[:128000]])


@dataclass
class Printed:
    """The output of run_pcm.c, by kind."""

    features: list[list[int]] = field(default_factory=list)
    hidden: list[list[int]] = field(default_factory=list)
    posteriors: list[list[int]] = field(default_factory=list)
    events: list[tuple[str, int, int]] = field(default_factory=list)

    @classmethod
    def parse(cls, text: str) -> Printed:
        printed = cls()
        for line in text.splitlines():
            kind, *words = line.split()
            if kind == "event":
                printed.events.append((words[0], int(words[1]), int(words[2])))
            else:
                getattr(printed, kind).append([int(word) for word in words])
        return printed


@dataclass(frozen=True)
class Core:
    """The core's objects, which are the same for every model, and how they were compiled."""

    objects: list[Path]
    compiler: list[str]


@pytest.fixture(scope="module", params=[0, 1], ids=["one product", "two products"])
def core(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Core:
    """The core with one product at a time, and with two, as processors with DSP instructions compute it."""
    compiler = [*HOST, *C99, *SANITIZED, f"-DWW_DSP={request.param}"]
    return Core(compile_objects(compiler, SOURCES, tmp_path_factory.mktemp("core")), compiler)


def _compile(model: Model, core: Core, folder: Path) -> Path:
    (folder / "wakeword_model.h").write_text(export_c(model))
    program = folder / "run_pcm"
    run(*core.compiler, f"-I{folder}", f"-I{CORE}", PROGRAM, *core.objects, "-o", program)
    return program


def _run(program: Path, samples: np.ndarray, chunk: int) -> Printed:
    done = processes.run([program, str(chunk)], given=samples.tobytes())
    assert (done.stderr, done.returncode) == ("", 0)
    return Printed.parse(done.stdout)


def _assert_equal(printed: Printed, trace: Trace, model: Model) -> None:
    np.testing.assert_array_equal(printed.features, trace.features)
    np.testing.assert_array_equal(printed.hidden, trace.hidden)
    np.testing.assert_array_equal(printed.posteriors, trace.posteriors)
    assert printed.events == [(model.labels[event.label], event.score, event.frame) for event in trace.events]


MODELS = {
    "sigmoid gate": random_model(0),
    "tanh gate": random_model(1, gate="tanh", hidden=100, rank_w=16, rank_u=25, words=10),
    "smallest": random_model(3, hidden=1, rank_w=1, rank_u=1, words=1),
    "extreme": extreme_model(),
    "dense": dense_model(random_model(9, hidden=37, rank_w=7, rank_u=10)),
    "nibbles": nibble_model(random_model(15, hidden=37, rank_w=7, rank_u=10)),
    "ternary": ternary_model(random_model(8)),
    "convolutions": convolved_model(random_model(17), random_convolution(1)),
    "convolutions of nibbles": convolved_model(random_model(17), nibble_convolution()),
    "convolutions of odd sizes": convolved_model(
        random_model(18), random_convolution(2, channels=7, bands=3, frames=3, frame_stride=1, outputs=10)
    ),
    "extreme convolutions": extreme_convolved_model(),
}


@cache
def _reference(name: str) -> Trace:
    """What NumPy computes, once for both cores."""
    return NumpyEngine(MODELS[name]).push(STREAM)


@pytest.mark.parametrize("name", MODELS)
def test_the_compiled_model_equals_numpy(name: str, core: Core, tmp_path: Path) -> None:
    model, trace = MODELS[name], _reference(name)
    assert trace.events or name.startswith("extreme"), "a test without an event proves too little"
    _assert_equal(_run(_compile(model, core, tmp_path), STREAM, 160), trace, model)


def test_chunks_make_no_difference_to_the_compiled_model(core: Core, tmp_path: Path) -> None:
    program = _compile(random_model(0), core, tmp_path)
    results = [_run(program, demo()[:48000], chunk) for chunk in (1, 160, 999, 16000)]
    assert all(result == results[0] for result in results)


def test_a_change_of_the_structs_of_a_model_is_a_change_of_their_layout() -> None:
    """If the structs or the numbers of the forms and gates change, so does this digest; count the layout up with it."""
    header = re.sub(r"/\*.*?\*/", "", (CORE / "ww_model.h").read_text(), flags=re.S)
    assert re.findall(r"WW_MODEL_LAYOUT (\d+)", header) == [str(LAYOUT)]
    structs = re.findall(r"^typedef (?:struct|enum) \{.*?\} \w+;$|^enum \{ WW_[^}]*\};", header, re.M | re.S)
    assert len(structs) == 7
    assert (LAYOUT, f"{zlib.crc32(' '.join(' '.join(structs).split()).encode()):08x}") == (1, "ea7bbf32")


@pytest.mark.parametrize("core_has", ["#undef WW_MODEL_LAYOUT", "#undef WW_MODEL_LAYOUT\n#define WW_MODEL_LAYOUT 9"])
def test_a_header_for_a_core_of_another_layout_says_so(core_has: str, tmp_path: Path) -> None:
    (tmp_path / "wakeword_model.h").write_text(export_c(random_model(0)))
    (tmp_path / "other.c").write_text(f'#include "ww_model.h"\n{core_has}\n#include "wakeword_model.h"\n')
    with pytest.raises(AssertionError, match="exported for a core of another version: export it again"):
        run(*HOST, *C99, f"-I{tmp_path}", f"-I{CORE}", "-c", tmp_path / "other.c", "-o", tmp_path / "other.o")
