"""The model and its file: one `.safetensors` file that carries a trained model from training to inference.

The file holds integer tensors and, as metadata, everything else that inference needs: labels, Q-formats, detector
settings, the id of the front end, and the provenance.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from featurizer import FEATURIZER_ID, MEL_BANDS
from wakeword.errors import ModelError, UsageError, printable
from wakeword.files import write_whole
from wakeword.model.convolution import SCALARS as CONVOLUTION_SCALARS
from wakeword.model.convolution import TENSORS as CONVOLUTION_TENSORS
from wakeword.model.convolution import Convolution, check_convolution, of_file
from wakeword.model.integers import Int8, Int16
from wakeword.model.labels import MAX_LABEL, spelled
from wakeword.model.score import as_fraction, as_q15
from wakeword.text import composed, unprintable

VERSION = 4
_WITHOUT_CONVOLUTION = 3  # the version of a model that has none
# The largest model that the C core's state structs have room for (ww_model.h).
MAX_HIDDEN, MAX_RANK, MAX_LABELS, MAX_FRAMES_PER_STEP = 128, 64, 40, 4
MAX_FILE = 1 << 20  # bytes; the largest model has 60,000, and its provenance a few thousand
_MAX_DEPTH = 20  # of the provenance
EVIDENCE_BITS = 8  # fraction bits of the evidence beyond those of a logit, so that a slow average reaches its target
AVERAGE_BITS = 8  # of the detector's average beyond those of a score, likewise
MAX_EVIDENCE = 8  # in a slower average, a step would change less than the last bit

MATRICES = ("w1", "w2", "u1", "u2", "head")


@dataclass(frozen=True)
class FrontEndId:
    """The identity of a front end. A model computes only with the features that it was trained on."""

    identity: int  # a digest of every constant and table that decides a feature's bits
    mel_bands: int


LOG_MEL_ID = FrontEndId(FEATURIZER_ID, MEL_BANDS)


@dataclass(frozen=True)
class DetectorSettings:
    """How posteriors become events. Times are in frames of 10 ms."""

    thresholds: tuple[int, ...]  # per label, Q15; those of silence and unknown have no effect
    smoothing: int = 3  # the posterior's average has a time constant of 2**smoothing frames
    refractory: int = 60  # frames after an event without another


@dataclass(frozen=True)
class Model:
    """A quantized FastGRNN with its classifier, convolutions, normalisation and detector settings.

    With D mel bands, H hidden units, ranks rw and ru, and K labels: W = w1 w2 and U = u1 u2 (the paper writes W1 W2^T).
    A product with a matrix is shifted right by its entry in `shifts`.
    """

    labels: tuple[str, ...]  # silence and unknown first, if the model has them
    first_word: int  # index of the first label that is a keyword
    mean: Int16  # (D,) log2 Q9
    scale: Int16  # (D,) Q12, from log2 Q9 to Q12
    w1: Int8  # (H, rw)
    w2: Int8  # (rw, D * frames_per_step), the columns of a step's first frame first; or the outputs of a convolution
    u1: Int8  # (H, ru)
    u2: Int8  # (ru, H)
    bias_gate: Int16  # (H,) Q12
    bias_update: Int16  # (H,) Q12
    zeta: int  # Q15
    nu: int  # Q15
    head: Int8  # (K, H), logits in Q10
    head_bias: Int16  # (K,) Q10
    shifts: dict[str, int]  # by matrix name
    gate: Literal["sigmoid", "tanh"]
    frames_per_step: int  # frames in one step of the network; between steps the posteriors stay as they are
    evidence: int  # time constant of the average of the logits, before the softmax: 2**evidence steps
    detector: DetectorSettings
    convolution: Convolution | None = None
    provenance: dict[str, Any] = field(default_factory=dict)

    @property
    def hidden(self) -> int:
        return len(self.bias_gate)

    @property
    def keywords(self) -> tuple[str, ...]:
        return self.labels[self.first_word :]

    @property
    def thresholds(self) -> dict[str, float]:
        """Return the threshold of each keyword, a fraction of one."""
        return {word: as_fraction(self.detector.thresholds[self.labels.index(word)]) for word in self.keywords}

    def with_thresholds(self, thresholds: Mapping[str, float]) -> Model:
        """Return a copy in which these keywords, in any spelling, have these thresholds, fractions of one.

        Raises:
            ModelError: The model has no such keyword.
            UsageError: A threshold is not between 0 and 1.
        """
        chosen = list(self.detector.thresholds)
        for name, threshold in thresholds.items():
            if not isinstance(name, str) or (word := spelled(name, self.keywords)) is None:
                raise ModelError(f"the model has no word {name!r}; its words are {', '.join(self.keywords)}")
            try:
                number = float(threshold)
                shown = f"{number:g}"
            except (TypeError, ValueError):
                number, shown = math.nan, repr(threshold)
            if not 0 < number < 1:
                raise UsageError(f"the threshold of {word}, {shown}, is not between 0 and 1; 0.8 is a usual one")
            chosen[self.labels.index(word)] = max(1, as_q15(number))  # of 0 a word would be raised without end
        return replace(self, detector=replace(self.detector, thresholds=tuple(chosen)))


_SHAPES = {
    "mean": "D", "scale": "D", "w1": "HR", "w2": "RX", "u1": "HS", "u2": "SH",
    "bias_gate": "H", "bias_update": "H", "head": "KH", "head_bias": "K",
}  # fmt: skip
_SCALARS = (
    "labels",
    "first_word",
    "zeta",
    "nu",
    "shifts",
    "gate",
    "frames_per_step",
    "evidence",
    "detector",
    "provenance",
)
_KEYS = {"frames_per_step": "stack"}  # names of scalars that differ in the file


def write_model(model: Model, path: Path, front_end: FrontEndId = LOG_MEL_ID) -> None:
    """Write a model. An older file is replaced whole; if anything fails, it stays as it was.

    Raises:
        WakewordError: The file can't be written.
    """
    write_whole(path, encoded(model, front_end))


def encoded(model: Model, front_end: FrontEndId = LOG_MEL_ID) -> bytes:
    """Return the content of a model's file: equal models are equal files."""
    metadata = {_KEYS.get(name, name): getattr(model, name) for name in _SCALARS}
    metadata["detector"] = asdict(model.detector)
    tensors = {name: getattr(model, name) for name in _SHAPES}
    if model.convolution is not None:
        metadata["convolution"] = {name: getattr(model.convolution, name) for name in CONVOLUTION_SCALARS}
        tensors |= {name: getattr(model.convolution, name) for name in CONVOLUTION_TENSORS}
    text = json.dumps(metadata, sort_keys=True)
    version = VERSION if model.convolution else _WITHOUT_CONVOLUTION
    header = {"wakeword_bundle": str(version), "featurizer": f"{front_end.identity:08x}", "model": text}
    data = save_tensors({name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}, header)
    return _in_fixed_order(data)


def _in_fixed_order(data: bytes) -> bytes:
    """Sort the keys in the header of a safetensors file, so that equal models are equal files.

    The library writes metadata in an order that changes from run to run.
    """
    length = int.from_bytes(data[:8], "little")
    header = json.dumps(json.loads(data[8 : 8 + length]), sort_keys=True).encode()
    header += b" " * (-len(header) % 8)  # tensors begin at a multiple of eight bytes
    return len(header).to_bytes(8, "little") + header + data[8 + length :]


def read_model(path: Path, front_end: FrontEndId = LOG_MEL_ID) -> Model:
    """Read and check a model.

    Raises:
        ModelError: The file is missing, truncated, no model, of another version or another front end, or damaged.
    """
    tensors, header = _read_safetensors(path)
    _check_header(path, header, front_end)
    try:
        model = _model_of(tensors, json.loads(header["model"]))
        _check_tensors(model, front_end.mel_bands)
        _check_numbers(model)
        _check_texts(model)
    except KeyError as error:
        raise ModelError(f"{path} is damaged, {printable(error)} is missing; copy or train it again") from error
    except (TypeError, ValueError, RecursionError) as error:
        raise ModelError(f"{path} is damaged, {printable(error)}; copy or train it again") from error
    return model


def _read_safetensors(path: Path) -> tuple[dict[str, npt.NDArray[Any]], dict[str, str]]:
    """Read tensors and metadata of a file. It isn't mapped: one that shrinks meanwhile would end the process.

    Raises:
        ModelError: The file is missing, too large or no safetensors file.
    """
    if path.is_dir():
        raise ModelError(f"{path} is a folder; give the path of a model file, which wakeword train makes")
    if not path.is_file():
        raise ModelError(f"there is no model file {path}; wakeword models lists those that come with the package")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_FILE + 1)
        if len(data) > MAX_FILE:
            raise ModelError(
                f"{path} has more than {MAX_FILE // (1 << 20)} MB, so it is no model; wakeword train makes one"
            )
        tensors = load_tensors(data)
        header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
        return tensors, dict(header.get("__metadata__") or {})
    except (SafetensorError, OSError, TypeError, AttributeError, KeyError, ValueError, OverflowError) as error:
        # All but the first two are a type or shape that NumPy lacks.
        raise ModelError(f"{path} is truncated or no model ({printable(error)}); copy or train it again") from error


def _model_of(tensors: dict[str, Any], description: Any) -> Model:
    """Make a model of tensors and metadata; raise KeyError, TypeError or ValueError if they don't make one."""
    if not isinstance(description, dict) or not isinstance(description["labels"], list):
        raise TypeError("its metadata has another form")
    settings, convolution = description.pop("detector"), description.pop("convolution", None)
    description.setdefault("provenance", {})
    detector = DetectorSettings(**{**settings, "thresholds": tuple(settings["thresholds"])})
    scalars = {name: description.pop(_KEYS.get(name, name)) for name in _SCALARS if name != "detector"}
    if description:
        raise TypeError(f"{', '.join(sorted(description))} in its metadata is unknown")
    own = {name: tensor for name, tensor in tensors.items() if convolution is None or name not in CONVOLUTION_TENSORS}
    return Model(
        **own,
        **{**scalars, "labels": tuple(map(_label, scalars["labels"]))},
        detector=detector,
        convolution=None if convolution is None else of_file(tensors, convolution),
    )


def _label(text: Any) -> Any:
    """Return a label as labels are kept; what is no text is refused later."""
    return composed(text) if isinstance(text, str) else text


def _check_header(path: Path, header: dict[str, str], front_end: FrontEndId) -> None:
    if "wakeword_bundle" not in header:
        raise ModelError(f"{path} is a safetensors file, but no wakeword model; wakeword train makes one")
    if header["wakeword_bundle"] not in (str(VERSION), str(_WITHOUT_CONVOLUTION)):
        version = printable(header["wakeword_bundle"])
        raise ModelError(
            f"{path} is a model of version {version}, this wakeword reads version {VERSION}; "
            "train the model again, or install the version that made it"
        )
    if header.get("featurizer") != f"{front_end.identity:08x}":
        trained_on = printable(header.get("featurizer"))
        raise ModelError(
            f"{path} was trained on featurizer {trained_on}, this is {front_end.identity:08x}; "
            "train the model again, or install the version that made it"
        )


def _check_tensors(model: Model, mel_bands: int) -> None:
    """Raise ValueError if a tensor has a type, shape or size that the engines can't run."""
    if not (_is_within(model.frames_per_step, MAX_FRAMES_PER_STEP + 1) and model.frames_per_step):
        raise ValueError("frames_per_step is out of range")
    inputs = mel_bands * model.frames_per_step
    if model.convolution is not None:
        check_convolution(model.convolution, mel_bands)
        if model.frames_per_step != model.convolution.frames_per_step:
            raise ValueError("frames_per_step is not that of the convolution")
        inputs = model.convolution.inputs(mel_bands)
    sizes = {"D": mel_bands, "X": inputs, "K": len(model.labels)}
    for name, letters in _SHAPES.items():
        tensor = getattr(model, name)
        wanted = np.int8 if name in MATRICES else np.int16
        if tensor.dtype != wanted:
            raise ValueError(f"tensor {name} is {tensor.dtype}, not {np.dtype(wanted)}")
        if len(letters) != tensor.ndim or any(
            sizes.setdefault(letter, size) != size for letter, size in zip(letters, tensor.shape, strict=True)
        ):
            raise ValueError(f"tensor {name} has the wrong shape {tensor.shape}")
    limits = {"H": MAX_HIDDEN, "R": MAX_RANK, "S": MAX_RANK, "K": MAX_LABELS}
    for letter, limit in limits.items():
        if not 1 <= sizes[letter] <= limit:
            raise ValueError(f"a size of {sizes[letter]} is outside 1 to {limit}")


def _check_numbers(model: Model) -> None:
    """Raise ValueError if a scalar is outside the range that the engines can run."""
    labels, detector = model.labels, model.detector
    checks = {
        "labels": all(isinstance(label, str) for label in labels) and len(set(labels)) == len(labels),
        "first_word": _is_within(model.first_word, len(labels)),
        "gate": model.gate in ("sigmoid", "tanh"),
        "zeta": _is_within(model.zeta, 1 << 15),
        "nu": _is_within(model.nu, 1 << 15),
        "shifts": set(model.shifts) == set(MATRICES) and all(_is_within(model.shifts[name], 32) for name in MATRICES),
        "thresholds": len(detector.thresholds) == len(labels)
        and all(_is_within(threshold, 1 << 15) for threshold in detector.thresholds),
        "evidence": _is_within(model.evidence, MAX_EVIDENCE + 1),
        "smoothing": _is_within(detector.smoothing, 16),
        "refractory": _is_within(detector.refractory, 1 << 16),
    }
    for name, good in checks.items():
        if not good:
            raise ValueError(f"{name} is out of range")


def _is_within(value: object, end: int) -> bool:
    """Return whether the value is an integer from 0 to `end` - 1. JSON's true is none."""
    return type(value) is int and 0 <= value < end


def _check_texts(model: Model) -> None:
    """Raise ValueError if a label can't be printed in a line, or the provenance is no object of plain values."""
    for label in model.labels:
        if not label.strip() or unprintable(label):
            raise ValueError(f"the label {label!r} is empty or has control characters")
        if len(label.encode()) > MAX_LABEL:
            raise ValueError(f"the label {label[:20]!r}... has more than {MAX_LABEL} bytes")
    if not isinstance(model.provenance, dict):
        raise ValueError("its provenance has another form")
    level: list[Any] = [model.provenance]
    for _ in range(_MAX_DEPTH):
        level = [part for value in level for part in _parts(value)]
        if not all(math.isfinite(value) for value in level if isinstance(value, float)):
            raise ValueError("a number in its provenance is not finite")
    if level:
        raise ValueError(f"its provenance is nested more than {_MAX_DEPTH} deep")


def _parts(value: object) -> list[Any]:
    """Return the values in a JSON object or array; none are in any other value."""
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
