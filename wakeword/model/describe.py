"""What `wakeword info` and `wakeword models` say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from featurizer import FEATURIZER_ID, HOP, MEL_BANDS, SAMPLE_RATE
from wakeword.model.file import MATRICES, Model, read_model
from wakeword.model.packing import NIBBLES, pack
from wakeword.model.score import as_fraction
from wakeword.model.size import integer_multiplications, model_size

_FRAME_MS = 1000 * HOP // SAMPLE_RATE


def describe(model: Model) -> str:
    """A model for people to read: words, network, detector, flash by part, and where it comes from."""
    sections = {
        "words": _words(model),
        "network": _network(model),
        "detector": _detector(model),
        "flash": _flash(model),
        "provenance": dict(_flat(model.provenance)),
    }
    lines = []
    for title, rows in sections.items():
        width = max(map(len, rows), default=0)
        lines += [title, *(f"  {name:<{width}}  {value}" for name, value in rows.items()), ""]
    return "\n".join(lines[:-1])


def table(models: dict[str, Path]) -> str:
    """A line for each model: name, bytes of flash, accuracy on the validation clips where it is known, words.

    Raises:
        WakewordError: as `read_model`.
    """
    rows = [("name", "bytes", "validation", "words")]
    for name, path in models.items():
        model = read_model(path)
        accuracy = model.provenance.get("validation_accuracy")
        share = "" if accuracy is None else f"{accuracy:.1%}"
        rows.append((name, f"{sum(model_size(model).values()):,}", share, " ".join(model.keywords)))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        f"{name:<{widths[0]}}  {size:>{widths[1]}}  {share:>{widths[2]}}  {words}" for name, size, share, words in rows
    )


def _words(model: Model) -> dict[str, str]:
    """The threshold of each keyword; the other labels raise no events."""
    thresholds = model.detector.thresholds
    return {
        label: f"threshold {as_fraction(thresholds[i]):.2f}" if i >= model.first_word else "no event"
        for i, label in enumerate(model.labels)
    }


def _network(model: Model) -> dict[str, str]:
    ranks = f"rank {model.w1.shape[1]} for W, {model.u1.shape[1]} for U"
    return {
        "featurizer": f"{FEATURIZER_ID:08x}, {MEL_BANDS} log-mel bands each {_FRAME_MS} ms",
        "FastGRNN": f"{model.hidden} hidden units, {ranks}, {model.gate} gate",
        "weights": f"{sum(getattr(model, name).size for name in MATRICES):,}, of which not zero "
        f"{sum(int((getattr(model, name) != 0).sum()) for name in MATRICES):,}",
        "work": f"{integer_multiplications(model):,} multiplications for a second of audio",
    }


def _detector(model: Model) -> dict[str, str]:
    settings = model.detector
    return {
        "smoothing": f"{_FRAME_MS << settings.smoothing} ms",
        "refractory": f"{_FRAME_MS * settings.refractory} ms",
    }


def _flash(model: Model) -> dict[str, str]:
    parts = model_size(model)
    sizes = {**parts, "total": sum(parts.values())}
    shapes = {name: _shape(model, name) for name in sizes}
    width = max(map(len, shapes.values()))
    return {name: f"{shapes[name]:<{width}}{size:>9,} bytes" for name, size in sizes.items()}


def _shape(model: Model, part: str) -> str:
    if part not in MATRICES:
        return ""
    matrix = getattr(model, part)
    packed = pack(matrix)
    form = " ternary" if packed.magnitude else " int4" if packed.form == NIBBLES else ""
    return "{} x {}".format(*matrix.shape) + form


def _flat(values: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Nested settings as name.name and value."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", f"{value:.4g}" if isinstance(value, float) else str(value)
