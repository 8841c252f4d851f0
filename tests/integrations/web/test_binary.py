"""Whatever the bytes of a model are, the C core reads nothing beyond them: the sanitizers watch."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from featurizer import MEL_BANDS
from tests import processes
from tests.firmware.toolchain import C99, CORE, HOST, SANITIZED, SOURCES, run
from tests.signals import ROOT
from tests.wakeword.models import (
    convolved_model,
    extreme_convolved_model,
    extreme_model,
    nibble_model,
    random_convolution,
    random_model,
    ternary_model,
)
from wakeword.inference.c_core import lib
from wakeword.model.export_binary import export_binary
from wakeword.model.pretrained import load_model

WEB = ROOT / "integrations/web/src"
GOOD, NO_MODEL, OTHER_VERSION, OTHER_FRONT_END, DAMAGED, OUT_OF_RANGE = range(6)
HEADER = 56
MODELS = {
    "google12": load_model("google12"),
    "sparse": random_model(0),
    "ternary": ternary_model(random_model(8)),
    "nibbles": nibble_model(random_model(15, hidden=37, rank_w=7, rank_u=10)),
    "convolutions": convolved_model(random_model(17), random_convolution(1)),
}

Load = Callable[[Sequence[bytes]], list[int]]


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Load:
    """Loads models, and returns the result of each; the program fails if a sanitizer sees a fault."""
    program = tmp_path_factory.mktemp("load") / "load"
    sources = [Path(__file__).with_name("load_binary.c"), WEB / "ww_binary.c", *SOURCES]
    run(*HOST, *C99, *SANITIZED, f"-I{CORE}", f"-I{WEB}", *sources, "-o", program)

    def load(models: Sequence[bytes]) -> list[int]:
        given = b"".join(struct.pack("<I", len(data)) + data for data in models)
        done = processes.run([program], given=given)
        assert (done.returncode, done.stderr) == (0, "")
        return [int(line) for line in done.stdout.split()]

    return load


def signed(data: bytes) -> bytes:
    """The bytes with the size and the checksum that they should have, as somebody who means harm would write."""
    return data[:4] + struct.pack("<II", len(data), zlib.crc32(data[12:])) + data[12:]


def changed(data: bytes, at: int, value: int) -> bytes:
    """The bytes, signed anew, with one changed."""
    return signed(data[:at] + bytes([value % 256]) + data[at + 1 :])


def test_every_model_that_python_can_have_is_loaded(load: Load) -> None:
    models = [*MODELS.values(), extreme_model(), extreme_convolved_model()]
    most = replace(extreme_model(), labels=tuple(f"{number:0200}" for number in range(40)))
    data = [export_binary(model) for model in [*models, most]]
    assert load(data) == [GOOD] * len(data)
    assert max(map(len, data)) < 1 << 16  # the room that WebAssembly has


REFUSED = {
    "nothing": (b"", NO_MODEL),
    "the magic alone": (b"WWM", NO_MODEL),
    "a header alone": (export_binary(MODELS["sparse"])[:HEADER], DAMAGED),
    "a signed header alone": (signed(export_binary(MODELS["sparse"])[:HEADER]), OUT_OF_RANGE),
    "another version": (changed(export_binary(MODELS["sparse"]), 3, 2), OTHER_VERSION),
    "another front end": (changed(export_binary(MODELS["sparse"]), 12, 0), OTHER_FRONT_END),
    "a byte more": (signed(export_binary(MODELS["sparse"]) + bytes(4)), OUT_OF_RANGE),
    "a wrong checksum": (export_binary(MODELS["sparse"])[:-1] + b"!", DAMAGED),
}
# By place in the header: a value that is too great.
TOO_GREAT = {
    "hidden units": (16, 129),
    "rank of w": (17, 65),
    "rank of u": (18, 65),
    "labels": (19, 41),
    "first word": (20, 14),
    "frames per step": (21, 5),
    "evidence": (22, 9),
    "smoothing": (23, 16),
    "gate": (24, 2),
    "convolutions": (25, 2),
    "zeta": (29, 0x80),
    "nu": (31, 0x80),
    "a form": (32, 129),
    "a shift": (33, 32),
    "channels": (44, 17),
    "bands": (45, 33),
    "frames": (46, 5),
    "outputs": (47, 33),
    "band stride": (48, 3),
    "frame stride": (49, 3),
    "a shift of the convolutions": (54, 32),
}


def test_bytes_that_are_no_model_are_refused_by_their_kind(load: Load) -> None:
    assert load([data for data, _ in REFUSED.values()]) == [result for _, result in REFUSED.values()]


def test_numbers_that_are_too_great_are_refused(load: Load) -> None:
    base = export_binary(MODELS["convolutions"])
    assert load([changed(base, at, value) for at, value in TOO_GREAT.values()]) == [OUT_OF_RANGE] * len(TOO_GREAT)
    assert load([changed(base, at, 0) for at in (16, 17, 18, 19, 21, 44, 45, 46, 47, 48, 49)]) == [OUT_OF_RANGE] * 11


# Convolutions that the core has no room for, or that skip what they should hear.
GEOMETRIES = {
    "too many sums": random_convolution(channels=7, bands=1, band_stride=1, outputs=1),
    "too many inputs": random_convolution(channels=1, bands=1, band_stride=1, outputs=9),
    "a stride over bands beyond the kernel": random_convolution(channels=1, bands=1, band_stride=2, outputs=1),
    "a stride over frames beyond the kernel": random_convolution(frames=1, frame_stride=2),
}


def test_convolutions_that_the_core_can_t_run_are_refused(load: Load) -> None:
    models = [export_binary(convolved_model(random_model(17), it)) for it in GEOMETRIES.values()]
    assert load(models) == [OUT_OF_RANGE] * len(models)
    least = random_convolution(channels=6, bands=1, band_stride=1, frames=1, frame_stride=1, outputs=8)
    assert load([export_binary(convolved_model(random_model(17), least))]) == [GOOD]


def test_no_kernel_reaches_beyond_the_padding_that_the_core_has() -> None:
    geometries = [(bands, stride) for stride in (1, 2) for bands in range(stride, MEL_BANDS + 1)]
    reach = [random_convolution(bands=bands, band_stride=stride).padding(MEL_BANDS) for bands, stride in geometries]
    assert max(reach) == lib.WW_MAX_PADDING


def test_a_negative_threshold_is_refused(load: Load) -> None:
    model = replace(MODELS["sparse"], detector=replace(MODELS["sparse"].detector, thresholds=(0,) * 5 + (-1,)))
    assert load([export_binary(model)]) == [OUT_OF_RANGE]


def _hostile(data: bytes, rng: np.random.Generator) -> Iterator[bytes]:
    """Signed variations of a model: each byte of the header, cuts, and random bytes anywhere."""
    for at in range(16, HEADER):
        for value in (0, 1, 2, 32, 127, 128, 253, 254, 255, data[at] + 1, data[at] - 1):
            yield changed(data, at, value)
    for cut in rng.integers(HEADER, len(data), 40):
        yield signed(data[:cut])
    for _ in range(60):
        mutant = bytearray(data)
        for at in rng.integers(16, len(data), rng.integers(1, 6)):
            mutant[int(at)] = int(rng.integers(256))
        yield signed(bytes(mutant))
    for _ in range(20):  # a bitmap with all its marks promises more values than there are
        start = int(rng.integers(HEADER, len(data) - 64))
        yield signed(data[:start] + b"\xff" * 64 + data[start + 64 :])


@pytest.mark.parametrize("name", MODELS)
def test_no_byte_beyond_a_hostile_model_is_read(name: str, load: Load) -> None:
    results = load(list(_hostile(export_binary(MODELS[name]), np.random.default_rng(0))))
    assert {GOOD, OUT_OF_RANGE} == set(results)
