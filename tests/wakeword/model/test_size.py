"""The stated size of a model equals that of the exported header, compiled for a chip, byte for byte."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.firmware.toolchain import ARM, C99, compile_objects, run, symbol_sizes
from tests.wakeword.models import (
    convolved_model,
    dense_model,
    nibble_model,
    random_convolution,
    random_model,
    ternary_model,
)
from wakeword.model.export_c import export_c
from wakeword.model.file import Model
from wakeword.model.size import model_size

USER = """
#include "wakeword_model.h"
extern const ww_model *const model;
extern const char *const *const labels;
const ww_model *const model = &wakeword_model;
const char *const *const labels = wakeword_labels;
"""
USER_BYTES = 8  # the two pointers

PARTS = {
    "normalisation": ("mean", "scale"),
    "biases": ("bias_gate", "bias_update", "head_bias"),
    "thresholds": ("threshold",),
    "struct": ("model",),
    **{name: (f"{name}_blocks", f"{name}_values", f"{name}_bitmap") for name in ("w1", "w2", "u1", "u2", "head")},
}

MODELS = {
    "sparse": random_model(0),
    "odd sizes": random_model(1, hidden=37, rank_w=7, rank_u=9, words=3),
    "a label in UTF-8": replace(random_model(2), labels=("_silence_", "_unknown_", "größer", "да", "c", "d")),
    "dense": dense_model(random_model(5)),
    "nibbles": nibble_model(random_model(6, hidden=37, rank_w=7, rank_u=9)),
    "ternary": ternary_model(random_model(4)),
    "an empty matrix": replace(random_model(3), w1=np.zeros((40, 8), np.int8)),
}
CONVOLVED = convolved_model(random_model(7), random_convolution(channels=7, outputs=9))


def _compile(model: Model, folder: Path, *compiler: str) -> Path:
    (folder / "wakeword_model.h").write_text(export_c(model))
    user = folder / "user.c"
    user.write_text(USER)
    (compiled,) = compile_objects([*compiler, *C99, f"-I{folder}"], [user], folder)
    return compiled


def _constant_bytes(compiled: Path) -> int:
    """Return the bytes of an object's read-only sections, with their padding."""
    lines = (line.split() for line in run("arm-none-eabi-size", "-A", compiled).splitlines())
    return sum(int(line[1]) for line in lines if line and line[0].startswith((".rodata", ".data")))


@pytest.mark.parametrize("cpu", ARM)
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_the_parts_are_as_large_as_the_symbols_of_the_compiled_model(model: Model, cpu: str, tmp_path: Path) -> None:
    symbols = Counter(symbol_sizes(_compile(model, tmp_path, *ARM[cpu])))
    size = model_size(model)
    for part, names in PARTS.items():
        assert size[part] == sum(symbols[f"wakeword_{name}"] for name in names), part
    strings = sum(len(label.encode()) + 1 for label in model.labels)
    assert size["labels"] == symbols["wakeword_labels"] + strings


@pytest.mark.parametrize("cpu", ARM)
def test_convolutions_are_as_large_as_their_arrays_and_their_part_of_the_struct(cpu: str, tmp_path: Path) -> None:
    symbols = Counter(symbol_sizes(_compile(CONVOLVED, tmp_path, *ARM[cpu])))
    size = model_size(CONVOLVED)
    assert size["convolution"] + size["struct"] == symbols["wakeword_convolved"] + sum(
        symbols[f"wakeword_{name}"]
        for layer in ("first", "depthwise", "pointwise")
        for name in (layer, f"{layer}_blocks", f"{layer}_values", f"{layer}_bitmap", f"{layer}_bias")
    )
    assert size["struct"] == 100


@pytest.mark.parametrize("cpu", ARM)
@pytest.mark.parametrize("model", [*MODELS.values(), CONVOLVED], ids=[*MODELS, "convolutions"])
def test_the_sum_is_all_that_the_compiled_model_holds(model: Model, cpu: str, tmp_path: Path) -> None:
    apart = _compile(model, tmp_path, *ARM[cpu], "-fdata-sections")  # each array a section: no padding between them
    assert _constant_bytes(apart) == sum(model_size(model).values()) + USER_BYTES


def test_padding_adds_at_most_3_bytes_an_array(tmp_path: Path) -> None:
    model = MODELS["odd sizes"]
    together = _compile(model, tmp_path, *ARM["cortex-m3"], "-O2")
    arrays = sum(name.startswith("wakeword_") for name in symbol_sizes(together)) + len(model.labels)
    padding = _constant_bytes(together) - USER_BYTES - sum(model_size(model).values())
    assert 0 <= padding <= 3 * arrays
