"""A model for people and for programs: what `wakeword info` and `wakeword models` print."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from featurizer import FEATURIZER_ID, HOP, MEL_BANDS, SAMPLE_RATE
from wakeword.errors import printable
from wakeword.model.convolution import Convolution
from wakeword.model.file import MATRICES, Model, read_model
from wakeword.model.packing import NIBBLES, pack
from wakeword.model.pretrained import figures
from wakeword.model.size import integer_multiplications, model_size

_FRAME_MS = 1000 * HOP // SAMPLE_RATE
_WIDTH = 80  # characters of a line on one screen


def summary(model: Model, name: str) -> str:
    """Return what one wants to know of a model, on one screen of 24 lines.

    name: a shipped model's brings its measured figures with it.
    """
    sizes = model_size(model)
    network = _network(model)
    ranks = " and ".join(str(network[rank]) for rank in ("rank_w", "rank_u"))
    cell = f"FastGRNN, {network['hidden']} hidden units, ranks {ranks}, {network['weights']} weights"
    rows = {
        "thresholds": ", ".join(f"{word} {threshold:.2f}" for word, threshold in model.thresholds.items()),
        "flash": _flash(sizes),
        "work": f"{network['multiplications_per_second']:,} multiplications per second of audio",
        "network": f"{_in_front(model)}{cell}",
        "step": f"{_FRAME_MS * model.frames_per_step} ms: {MEL_BANDS} mel bands, {model.frames_per_step} frames",
        "detector": f"smoothing {_FRAME_MS << model.detector.smoothing} ms, "
        f"refractory {_FRAME_MS * model.detector.refractory} ms",
        "trained on": _training(model.provenance),
        "measured": _measured(figures(name)),
    }
    lines = [name, ""]
    for title, text in rows.items():
        if text:
            indent = " " * 14
            lines += textwrap.wrap(text, _WIDTH, initial_indent=f"  {title:<12}", subsequent_indent=indent)
    return "\n".join(lines)


def as_object(model: Model, name: str) -> dict[str, Any]:
    """Return everything about a model as one JSON object.

    Bytes are of flash, times in milliseconds, thresholds fractions of one. Figures are there for shipped models only.
    """
    sizes = model_size(model)
    return {
        "name": name,
        "labels": list(model.labels),
        "keywords": list(model.keywords),
        "thresholds": {word: round(threshold, 4) for word, threshold in model.thresholds.items()},
        "bytes": sum(sizes.values()),
        "bytes_by_part": sizes,
        "network": _network(model),
        "detector": {
            "smoothing_ms": _FRAME_MS << model.detector.smoothing,
            "refractory_ms": _FRAME_MS * model.detector.refractory,
        },
        "featurizer": f"{FEATURIZER_ID:08x}",
        "figures": figures(name),
        "provenance": model.provenance,
    }


def provenance_lines(model: Model) -> list[str]:
    """Return a line for each setting and count that the model was trained with, nested names joined by dots."""
    rows = dict(_flat(model.provenance))
    width = max(map(len, rows), default=0)
    return [f"{name:<{width}}  {value}" for name, value in rows.items()]


def table(models: dict[str, Path]) -> str:
    """Return a line for each model: name, bytes of flash, measured figures, words.

    Raises:
        ModelError: As `read_model`.
    """
    rows = [("name", "bytes", "clips right", "false accepts", "words")]
    for name, path in models.items():
        model = read_model(path)
        right, accepts = _figure_texts(figures(name))
        rows.append((name, f"{sum(model_size(model).values()):,}", right, accepts, " ".join(model.keywords)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        f"{name:<{widths[0]}}  {size:>{widths[1]}}  {right:<{widths[2]}}  {accepts:<{widths[3]}}  {words}"
        for name, size, right, accepts, words in rows
    )


def _network(model: Model) -> dict[str, Any]:
    matrices = {name: getattr(model, name) for name in MATRICES}
    return {
        "kind": "fastgrnn",
        "hidden": model.hidden,
        "rank_w": model.w1.shape[1],
        "rank_u": model.u1.shape[1],
        "gate": model.gate,
        "weights": _weights(model),
        "entries": sum(matrix.size for matrix in matrices.values()),
        "entries_not_zero": sum(int((matrix != 0).sum()) for matrix in matrices.values()),
        "frames_per_step": model.frames_per_step,
        "convolution": _convolution(model.convolution),
        "evidence_steps": 1 << model.evidence,
        "multiplications_per_second": integer_multiplications(model),
    }


def _in_front(model: Model) -> str:
    it = model.convolution
    return "" if it is None else f"convolutions of {it.channels} channels and {it.outputs} outputs, "


def _convolution(convolution: Convolution | None) -> dict[str, Any] | None:
    if convolution is None:
        return None
    names = ("channels", "bands", "frames", "band_stride", "frame_stride", "outputs")
    return {name: getattr(convolution, name) for name in names}


def _weights(model: Model) -> str:
    """The narrowest form in which all factors of W and U lie in flash."""
    packed = [pack(getattr(model, name)) for name in MATRICES if name != "head"]
    if all(matrix.magnitude for matrix in packed):
        return "ternary"
    return "int4" if all(matrix.form == NIBBLES for matrix in packed) else "int8"


def _flash(sizes: Mapping[str, int]) -> str:
    """All bytes, and those of each part; the matrices are one part."""
    parts = {"weights": sum(sizes[name] for name in MATRICES)}
    parts |= {part: size for part, size in sizes.items() if part not in MATRICES}
    return f"{sum(sizes.values()):,} bytes: " + ", ".join(f"{part} {size:,}" for part, size in parts.items())


def _training(provenance: Mapping[str, Any]) -> str:
    count = provenance.get("training_clips")
    return f"{count:,} clips of {printable(provenance.get('keywords', 'its words'))}" if isinstance(count, int) else ""


def _measured(found: Mapping[str, Any]) -> str:
    right, accepts = _figure_texts(found)
    return f"{right} test clips right; {accepts.replace('/h', ' false accepts an hour')}" if right else ""


def _figure_texts(found: Mapping[str, Any]) -> tuple[str, str]:
    """The accuracy of clips and the false accepts per hour; empty texts if they were not measured."""
    if not found:
        return "", ""
    clips, accepts = found["clips"], found["false_accepts"]
    return (
        f"{clips['right'] / clips['of']:.1%} of {clips['of']:,}",
        f"{accepts['count'] / accepts['hours']:.0f}/h in {accepts['hours']:.2f} h of speech",
    )


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Nested settings as name.name and value."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield printable(f"{prefix}{name}"), f"{value:.4g}" if isinstance(value, float) else printable(value, 10_000)
