"""Export a model as C for the pipeline of an Arduino Uno: constant data in flash, for `firmware/src/uno`."""

from __future__ import annotations

import json

import numpy as np

from featurizer import uno
from featurizer.generate import c_rows
from wakeword.errors import ModelError
from wakeword.model.export_c import c_string, in_comment
from wakeword.model.file import MATRICES, Model

# The largest model that the pipeline's state has room for (ww_uno_network.h).
MAX_HIDDEN, MAX_RANK, MAX_LABELS = 32, 16, 12


def export_uno(model: Model) -> str:
    """Return the text of `uno_model.c`, a file beside a sketch.

    It defines `wakeword_uno_model` and `wakeword_uno_labels`. All entries of the matrices are stored, zeros too.

    Raises:
        ModelError: The Uno has no room for the model, or the model has another front end, step or gate.
    """
    _check(model)
    arrays = [_array("int8_t", name, getattr(model, name)) for name in MATRICES]
    arrays += [_array("int16_t", name, values) for name, values in _vectors(model).items()]
    return "\n".join([_introduction(model), *arrays, _model(model), _labels(model)])


def uno_model_size(model: Model) -> int:
    """Return the bytes of the model's numbers in flash."""
    matrices = sum(getattr(model, name).size for name in MATRICES)
    return matrices + 2 * sum(values.size for values in _vectors(model).values())


def _check(model: Model) -> None:
    steps = model.frames_per_step == 1 and model.convolution is None
    if len(model.mean) != uno.MEL_BANDS or not steps or model.gate != "sigmoid":
        raise ModelError(
            "an Uno runs only models of its own front end, one frame a step, without convolutions, sigmoid gate; "
            "docs/uno.md trains one"
        )
    sizes = {"hidden units": (model.hidden, MAX_HIDDEN), "labels": (len(model.labels), MAX_LABELS)}
    sizes["ranks"] = (max(len(model.w2), len(model.u2)), MAX_RANK)
    for name, (size, room) in sizes.items():
        if size > room:
            raise ModelError(
                f"an Uno has room for {room} {name}, this model has {size}; train a smaller one (docs/uno.md)"
            )


def _vectors(model: Model) -> dict[str, np.ndarray]:
    names = ("mean", "scale", "bias_gate", "bias_update", "head_bias")
    vectors = {name: getattr(model, name) for name in names}
    return vectors | {"threshold": np.array(model.detector.thresholds, np.int16)}


def _introduction(model: Model) -> str:
    return f"""\
/* A model for the whole pipeline on an Arduino Uno, written by `wakeword export --format uno`.
 *
 * Labels: {in_comment(", ".join(map(c_string, model.labels)))}
 * Provenance: {in_comment(json.dumps(model.provenance, sort_keys=True))}
 * Size: {uno_model_size(model)} bytes of numbers in flash
 */
#include <uno/ww_uno_network.h>

#if WW_UNO_FEATURIZER_ID != 0x{uno.FEATURIZER_ID:08x}u
#error "this model was trained on front end {uno.FEATURIZER_ID:08x}, this library has another: train it again"
#endif
"""


def _array(ctype: str, name: str, values: np.ndarray) -> str:
    return f"static const WW_FLASH {ctype} {name}[{values.size}] = {{\n{c_rows(values)}}};\n"


def _model(model: Model) -> str:
    matrices = {name: f"{{{name}, {_shape(model, name)}, {model.shifts[name]}}}" for name in MATRICES}
    members = {
        "mean": "mean",
        "scale": "scale",
        **{name: matrices[name] for name in ("w1", "w2", "u1", "u2")},
        "bias_gate": "bias_gate",
        "bias_update": "bias_update",
        "zeta": model.zeta,
        "nu": model.nu,
        "head": matrices["head"],
        "head_bias": "head_bias",
        "evidence": model.evidence,
        "threshold": "threshold",
        "first_word": model.first_word,
        "smoothing": model.detector.smoothing,
        "refractory": model.detector.refractory,
    }
    rows = "".join(f"    .{name} = {value},\n" for name, value in members.items())
    return f"const WW_FLASH ww_uno_model wakeword_uno_model = {{\n{rows}}};\n"


def _shape(model: Model, name: str) -> str:
    return ", ".join(map(str, getattr(model, name).shape))


def _labels(model: Model) -> str:
    rows = "".join(f"    {c_string(label)},\n" for label in model.labels)
    return f"const char *const wakeword_uno_labels[{len(model.labels)}] = {{\n{rows}}};\n"
