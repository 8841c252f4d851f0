"""The stated size of a model is what the chip's compiler makes of the exported header, byte for byte."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.firmware.toolchain import ARM, C99, compile_objects, run, symbol_sizes
from tests.wakeword.models import dense_bundle, nibble_bundle, random_bundle, ternary_bundle
from wakeword.model.bundle import Bundle
from wakeword.model.export_c import export_c
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

BUNDLES = {
    "sparse": random_bundle(0),
    "odd sizes": random_bundle(1, hidden=37, rank_w=7, rank_u=9, words=3),
    "a label in UTF-8": replace(random_bundle(2), labels=("_silence_", "_unknown_", "größer", "да", "c", "d")),
    "dense": dense_bundle(random_bundle(5)),
    "nibbles": nibble_bundle(random_bundle(6, hidden=37, rank_w=7, rank_u=9)),
    "ternary": ternary_bundle(random_bundle(4)),
    "an empty matrix": replace(random_bundle(3), w1=np.zeros((40, 8), np.int8)),
}


def _compile(bundle: Bundle, folder: Path, *compiler: str) -> Path:
    (folder / "wakeword_model.h").write_text(export_c(bundle))
    user = folder / "user.c"
    user.write_text(USER)
    (compiled,) = compile_objects([*compiler, *C99, f"-I{folder}"], [user], folder)
    return compiled


def _constant_bytes(compiled: Path) -> int:
    """Bytes of an object's read-only sections, with the padding inside them."""
    lines = (line.split() for line in run("arm-none-eabi-size", "-A", compiled).splitlines())
    return sum(int(line[1]) for line in lines if line and line[0].startswith((".rodata", ".data")))


@pytest.mark.parametrize("cpu", ARM)
@pytest.mark.parametrize("bundle", BUNDLES.values(), ids=BUNDLES)
def test_the_parts_are_as_large_as_the_symbols_of_the_compiled_model(bundle: Bundle, cpu: str, tmp_path: Path) -> None:
    symbols = Counter(symbol_sizes(_compile(bundle, tmp_path, *ARM[cpu])))
    size = model_size(bundle)
    for part, names in PARTS.items():
        assert size[part] == sum(symbols[f"wakeword_{name}"] for name in names), part
    strings = sum(len(label.encode()) + 1 for label in bundle.labels)
    assert size["labels"] == symbols["wakeword_labels"] + strings


@pytest.mark.parametrize("cpu", ARM)
@pytest.mark.parametrize("bundle", BUNDLES.values(), ids=BUNDLES)
def test_the_sum_is_all_that_the_compiled_model_holds(bundle: Bundle, cpu: str, tmp_path: Path) -> None:
    apart = _compile(bundle, tmp_path, *ARM[cpu], "-fdata-sections")  # each array a section: no padding between them
    assert _constant_bytes(apart) == sum(model_size(bundle).values()) + USER_BYTES


def test_padding_adds_at_most_3_bytes_an_array(tmp_path: Path) -> None:
    bundle = BUNDLES["odd sizes"]
    together = _compile(bundle, tmp_path, *ARM["cortex-m3"], "-O2")
    arrays = sum(name.startswith("wakeword_") for name in symbol_sizes(together)) + len(bundle.labels)
    padding = _constant_bytes(together) - USER_BYTES - sum(model_size(bundle).values())
    assert 0 <= padding <= 3 * arrays
