"""Export a model as C: one header of constant data for the core in `firmware/src/core`."""

from __future__ import annotations

import json
import re
import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

from featurizer import FEATURIZER_ID
from featurizer.generate import c_rows
from wakeword.errors import UsageError, printable
from wakeword.model.convolution import LAYERS, Convolution
from wakeword.model.file import MATRICES, Model
from wakeword.model.integers import Int8
from wakeword.model.measured import KEY
from wakeword.model.packing import PAIRS, in_pairs, pack
from wakeword.model.size import model_size

NAME = "wakeword"  # that a model has in C if it is given no other
LAYOUT = 1  # of the core that takes a header written here: WW_MODEL_LAYOUT
_NAMES = re.compile(r"(?!ww_|ww$)[a-z][a-z0-9_]*")  # in capitals they still differ; ww is the core's
_GATES = {"sigmoid": "WW_GATE_SIGMOID", "tanh": "WW_GATE_TANH"}


def export_c(model: Model, name: str = NAME) -> str:
    """Return the text of a header, for C99 and C++11.

    It defines `wakeword_model` (a ww_model), `wakeword_labels` (the label names in order) and WAKEWORD_MODEL_ID, with
    the name in place of *wakeword*. It does not compile with a core of another featurizer or layout, or one that has
    too little room for the model.

    Raises UsageError as `header_of`.
    """
    check_name(name)
    identity = f"#define {name.upper()}_MODEL_ID 0x{model_id(model):08x}u\n"
    data = _data(model, name, with_pairs=True)
    return "\n".join([_introduction(model, name), _guards(model), identity, data, "#endif\n"])


def header_of(name: str = NAME) -> str:
    """Return the file name of a model's header. Raises UsageError if the name can't begin names of C."""
    check_name(name)
    return f"{name}_model.h"


def check_name(name: str) -> None:
    """Raise UsageError if a model can't have this name in C: each must also differ from all others in capitals."""
    if not _NAMES.fullmatch(name):
        raise UsageError(
            f"{printable(name)!r} can't be a model's name in C; take small letters, digits and _, as in hey_jarvis, a "
            "letter first, and not ww_, which begins the core's own names"
        )


def model_id(model: Model) -> int:
    """Return a 32-bit digest of the numbers and the words of a model.

    A board sends it, so that a host can tell whether the board runs the expected model.
    """
    data = _data(model, NAME, with_pairs=False)  # whichever name it is exported by, for whatever processor
    without = re.sub(r"^    /\* convolved \*/ 0,\n", "", data, flags=re.M)  # as before there were convolutions
    numbers = re.sub(r"^    /\* \w+ \*/ ", "", without, flags=re.M)  # the names of the C struct's fields may change
    return zlib.crc32(numbers.encode())


def _data(model: Model, name: str, with_pairs: bool) -> str:
    """Return arrays and structs; with pairs, also the matrices of convolutions in pairs."""
    parts = _vectors(model, name) + [_matrix(f"{name}_{matrix}", getattr(model, matrix)) for matrix in MATRICES]
    if model.convolution is not None:
        parts += _convolution_arrays(model.convolution, name, with_pairs)
    return "\n".join([*parts, _model(model, name, with_pairs), _labels(model, name)])


def _introduction(model: Model, name: str) -> str:
    labels = ", ".join(map(c_string, model.labels))
    long = ("voices", KEY)  # hundreds of lines, which are in the model
    of_making = {name: value for name, value in model.provenance.items() if name not in long}
    provenance = json.dumps(of_making, sort_keys=True)
    return f"""\
/* A keyword-spotting model, written by `wakeword export`. Include it in one source file: its data is static.
 *
 * Labels: {in_comment(labels)}
 * Provenance: {in_comment(provenance)}
 * Size: {sum(model_size(model).values())} bytes on a 32-bit chip
 */
#ifndef {name.upper()}_MODEL_H
#define {name.upper()}_MODEL_H

#include "ww_model.h"
"""


def _guards(model: Model) -> str:
    """Return checks of the core, which stop the compiler if the core can't run this model."""
    needed = {
        "WW_MAX_HIDDEN": model.hidden,
        "WW_MAX_RANK": max(len(model.w2), len(model.u2)),
        "WW_MAX_LABELS": len(model.labels),
        **(_convolution_room(model) or {"WW_MAX_FRAMES_PER_STEP": model.frames_per_step}),
    }
    room = "".join(
        f'#if {name} < {size}\n#error "compile this model and the core with {name} of at least {size}"\n#endif\n'
        for name, size in needed.items()
    )
    return f"""\
#if WW_FEATURIZER_ID != 0x{FEATURIZER_ID:08x}u
#error "this model was trained on featurizer {FEATURIZER_ID:08x}, the core has another: take both from one version"
#endif
#if WW_MODEL_LAYOUT != {LAYOUT}
#error "this model was exported for a core of another version: export it again by the version of the core"
#endif
{room}"""


def _vectors(model: Model, name: str) -> list[str]:
    vectors = {
        "mean": model.mean,
        "scale": model.scale,
        "bias_gate": model.bias_gate,
        "bias_update": model.bias_update,
        "head_bias": model.head_bias,
        "threshold": np.array(model.detector.thresholds, np.int16),
    }
    return [_array("int16_t", f"{name}_{part}", len(values), c_rows(values)) for part, values in vectors.items()]


def _matrix(name: str, matrix: Int8) -> str:
    """Return the arrays of a matrix that are not empty."""
    return "\n".join(
        _array(ctype, f"{name}_{part}", values.size, _words(values) if part == "blocks" else c_rows(values))
        for part, ctype, values in _parts(matrix)
    )


def _parts(matrix: Int8) -> list[tuple[str, str, npt.NDArray[Any]]]:
    """Return name in ww_matrix, C type and numbers of each array of a matrix that is not empty."""
    packed = pack(matrix)
    bitmap = np.zeros(0, np.uint8) if packed.bitmap is None else packed.bitmap
    parts: list[tuple[str, str, npt.NDArray[Any]]] = [
        ("blocks", f"{packed.blocks.dtype}_t", packed.blocks),
        ("values", "int8_t", packed.values),
        ("bitmap", "uint8_t", bitmap),
    ]
    return [part for part in parts if part[2].size]


def _words(values: npt.NDArray[np.unsignedinteger[Any]]) -> str:
    """Return rows of words in hexadecimal, so that each entry can be read off."""
    words = [f"0x{word:0{2 * values.itemsize}x}u," for word in values]
    return "".join(f"    {' '.join(words[start : start + 8])}\n" for start in range(0, len(words), 8))


def _array(ctype: str, name: str, count: int, rows: str) -> str:
    return f"static const {ctype} {name}[{count}] = {{\n{rows}}};\n"


def _model(model: Model, name: str, with_pairs: bool) -> str:
    """Return the struct with its members in order, since C++11 has no designated initialisers."""
    detector = model.detector
    matrices = {
        matrix: _matrix_members(f"{name}_{matrix}", getattr(model, matrix), model.shifts[matrix]) for matrix in MATRICES
    }
    members = {
        "mean": f"{name}_mean",
        "scale": f"{name}_scale",
        **{matrix: matrices[matrix] for matrix in ("w1", "w2", "u1", "u2")},
        "bias_gate": f"{name}_bias_gate",
        "bias_update": f"{name}_bias_update",
        "zeta": model.zeta,
        "nu": model.nu,
        "gate": _GATES[model.gate],
        "frames_per_step": model.frames_per_step,
        "evidence": model.evidence,
        "convolved": int(model.convolution is not None),
        "head": matrices["head"],
        "head_bias": f"{name}_head_bias",
        "threshold": f"{name}_threshold",
        "hidden": model.hidden,
        "rank_w": len(model.w2),
        "rank_u": len(model.u2),
        "labels": len(model.labels),
        "first_word": model.first_word,
        "smoothing": detector.smoothing,
        "refractory": detector.refractory,
    }
    if model.convolution is None:
        return f"static const ww_model {name}_model = {{\n{_rows(members)}}};\n"
    convolution = _convolution_members(model.convolution, name, len(model.mean), with_pairs)
    both = f"{{{{\n{_rows(members)}}}, {{\n{_rows(convolution)}}}}}"
    return (
        f"static const ww_convolved_model {name}_convolved = {both};\n#define {name}_model ({name}_convolved.model)\n"
    )


def _rows(members: dict[str, Any]) -> str:
    return "".join(f"    /* {name} */ {value},\n" for name, value in members.items())


def _convolution_room(model: Model) -> dict[str, int]:
    """Return what the core must have room for; nothing for a model without convolutions."""
    return {} if model.convolution is None else {"WW_MAX_CHANNELS": model.convolution.channels}


def _pairs(convolution: Convolution, layer: str) -> npt.NDArray[np.uint32] | None:
    bias = getattr(convolution, f"{layer}_bias")
    return in_pairs(getattr(convolution, layer), bias, convolution.shifts[layer])


def _layer(convolution: Convolution, layer: str, name: str, with_pairs: bool) -> str:
    """Return the arrays of a convolution's matrix, of which a processor takes one."""
    blocks = _matrix(f"{name}_{layer}", getattr(convolution, layer))
    pairs = _pairs(convolution, layer) if with_pairs else None
    if pairs is None:
        return blocks
    array = _array("uint32_t", f"{name}_{layer}_pairs", pairs.size, _words(pairs))
    return f"#if WW_UNPACKED\n{array}#else\n{blocks}#endif\n"


def _convolution_arrays(convolution: Convolution, name: str, with_pairs: bool) -> list[str]:
    matrices = [_layer(convolution, layer, name, with_pairs) for layer in ("first", "pointwise")]
    biases = {f"{name}_{layer}_bias": getattr(convolution, f"{layer}_bias") for layer in LAYERS}
    depthwise = convolution.depthwise.ravel()
    return [
        *matrices,
        _array("int8_t", f"{name}_depthwise", depthwise.size, c_rows(depthwise)),
        *(_array("int16_t", bias, len(values), c_rows(values)) for bias, values in biases.items()),
    ]


def _convolution_members(convolution: Convolution, name: str, mel_bands: int, with_pairs: bool) -> dict[str, Any]:
    """Return the members of a ww_convolution, in order."""
    shifts = convolution.shifts

    def layer_members(layer: str) -> str:
        paired = with_pairs and _pairs(convolution, layer) is not None
        return _matrix_members(f"{name}_{layer}", getattr(convolution, layer), shifts[layer], paired)

    return {
        **{layer: layer_members(layer) for layer in ("first", "pointwise")},
        "first_bias": f"{name}_first_bias",
        "depthwise": f"{name}_depthwise",
        "depthwise_bias": f"{name}_depthwise_bias",
        "pointwise_bias": f"{name}_pointwise_bias",
        "frames": convolution.frames,
        "band_stride": convolution.band_stride,
        "frame_stride": convolution.frame_stride,
        "depthwise_shift": shifts["depthwise"],
        "positions": convolution.positions(mel_bands),
    }


def _matrix_members(name: str, matrix: Int8, shift: int, paired: bool = False) -> str:
    """Return layout, values, rows, cols, shift, form; the pointer to an empty array is null."""
    packed = pack(matrix)
    there = {part for part, _, _ in _parts(matrix)}
    parts = ("blocks" if packed.bitmap is None else "bitmap", "values")
    members = [f"{name}_{part}" if part in there else "0" for part in parts]
    form = str(packed.form)
    if paired:
        members = [
            f"WW_IF_UNPACKED({pairs}, {member})" for pairs, member in zip((f"{name}_pairs", "0"), members, strict=True)
        ]
        form = f"WW_IF_UNPACKED({PAIRS}, {form})"
    rows, cols = matrix.shape
    return f"{{{', '.join(members)}, {rows}, {cols}, {shift}, {form}}}"


def _labels(model: Model, name: str) -> str:
    rows = "".join(f"    {c_string(label)},\n" for label in model.labels)
    return _array("char *const", f"{name}_labels", len(model.labels), rows)


def c_string(text: str) -> str:
    """Return the text as a C string literal in UTF-8. Octal escapes have a fixed length, so no digit joins them."""
    plain = set(range(0x20, 0x7F)) - set(b'"\\?')  # a question mark may begin a trigraph
    return '"' + "".join(chr(byte) if byte in plain else f"\\{byte:03o}" for byte in text.encode()) + '"'


def in_comment(text: str) -> str:
    """Return the text without anything that begins or ends a comment."""
    return text.replace("*/", "* /").replace("/*", "/ *")
