"""A model for people and for programs: what `wakeword info` and `wakeword models` print."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from featurizer import FEATURIZER_ID, HOP, MEL_BANDS, SAMPLE_RATE
from wakeword.columns import padded, width, wrapped
from wakeword.errors import printable
from wakeword.model.convolution import Convolution
from wakeword.model.file import MATRICES, Model, read_model
from wakeword.model.measured import report_of, without_report
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
        "said": _said(model.provenance),
        "measured": _measured(figures(name)) or _verdict(model),
    }
    return "\n".join([name, "", *paragraphs((title, text) for title, text in rows.items() if text)])


def paragraphs(rows: Iterable[tuple[str, str]]) -> list[str]:
    """Return titles and their texts as lines of one screen's width, the texts below each other."""
    listed = list(rows)
    indent = 4 + max((len(title) for title, _ in listed), default=0)
    lines = []
    for title, text in listed:
        first = f"  {title:<{indent - 2}}"
        lines += wrapped(text, max(_WIDTH, indent + 40), first, " " * indent)
    return lines


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
    rows = dict(_flat(without_report(model).provenance))
    columns = max(map(width, rows), default=0)
    return [f"{padded(name, columns)}  {value}" for name, value in rows.items()]


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
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        f"{padded(name, widths[0])}  {size:>{widths[1]}}  {right:<{widths[2]}}  {accepts:<{widths[3]}}  {words}"
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


def _said(provenance: Mapping[str, Any]) -> str:
    """In which language synthetic voices said the words, and how, if not as they are spelt."""
    language, said = provenance.get("language"), provenance.get("said")  # which the file may have in any form
    if not isinstance(language, str):
        return ""
    ways = [
        f"{word} as {' or '.join(map(str, how))}"
        for word, how in (said.items() if isinstance(said, dict) else ())
        if isinstance(how, list)
    ]
    return printable(", ".join([f"in {language}", *ways]), _WIDTH * 4)


def _measured(found: Mapping[str, Any]) -> str:
    right, accepts = _figure_texts(found)
    texts = (f"{right} test clips right" if right else "", accepts.replace("/h", " false accepts an hour"))
    return "; ".join(filter(None, texts))


def _verdict(model: Model) -> str:
    report = report_of(model)
    return "" if report is None else printable(report.verdict, _WIDTH * 4)


def _figure_texts(found: Mapping[str, Any]) -> tuple[str, str]:
    """The clips right, of the first kind of clips, and the false accepts per hour of all streams; empty if unknown."""
    right = next((f"{share['count'] / share['of']:.1%} of {share['of']:,}" for share in found.get("right", ())), "")
    streams = found.get("false_accepts", ())
    count, hours = (sum(stream[name] for stream in streams) for name in ("count", "hours"))
    return right, f"{count / hours:.1f}/h in {hours:.2f} h" if hours else ""


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Nested settings as name.name and value."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield printable(f"{prefix}{name}"), f"{value:.4g}" if isinstance(value, float) else printable(value, 10_000)
