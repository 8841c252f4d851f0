"""The report of a training run: one HTML file with curves, confusion matrix and the model's size by part."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from pathlib import Path

import jinja2
from matplotlib.figure import Figure

from wakeword.columns import left_to_right
from wakeword.evaluation.accuracy import Evaluation
from wakeword.evaluation.pictures import as_text, picture
from wakeword.files import write_whole
from wakeword.model.file import Model
from wakeword.model.size import model_size
from wakeword.training.progress import EpochResult

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{ name }}: training report</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
img { max-width: 100% } table { border-collapse: collapse } td, th { padding: .15rem .8rem; text-align: left }
td:last-child { text-align: right }
</style></head><body>
<h1 dir="auto">{{ name }}</h1>
<p>{{ summary }}</p>
{% for word in words %}<p>{{ word }}.</p>
{% endfor %}
<h2>Curves</h2><img alt="loss and validation accuracy by epoch" src="data:image/svg+xml;base64,{{ curves }}">
<h2>Confusion on the validation clips</h2><img alt="confusion matrix" src="data:image/svg+xml;base64,{{ confusion }}">
<h2>Size in flash: {{ total }} bytes</h2>
<table>{% for part, size in sizes.items() %}<tr><td>{{ part }}</td><td>{{ size }}</td></tr>{% endfor %}</table>
<h2>Provenance</h2>
<table>{% for key, value in provenance.items() %}<tr><td>{{ key }}</td><td>{{ value }}</td></tr>{% endfor %}</table>
</body></html>
"""


def write_report(path: Path, name: str, model: Model, history: Sequence[EpochResult], evaluation: Evaluation) -> None:
    """Write the report of a finished run. The page loads nothing from elsewhere. Raises WakewordError."""
    sizes = model_size(model)
    page = jinja2.Environment(autoescape=True).from_string(_PAGE)
    text = page.render(
        name=name,
        summary=evaluation.as_text().splitlines()[0] + ".",
        words=[left_to_right(word.as_text()) for word in evaluation.words],
        curves=_svg(_curves(history)),
        confusion=_svg(_confusion(evaluation)),
        sizes=sizes,
        total=sum(sizes.values()),
        provenance=model.provenance,
    )
    write_whole(path, text.encode())


def _curves(history: Sequence[EpochResult]) -> Figure:
    figure = Figure(figsize=(9, 3.5), layout="constrained")
    losses, accuracies = figure.subplots(1, 2)
    for stage in dict.fromkeys(result.stage for result in history):
        results = [result for result in history if result.stage == stage]
        epochs = [result.epoch + 1 for result in results]
        losses.plot(epochs, [result.loss for result in results], label=stage)
        accuracies.plot(epochs, [_percent(result.accuracy) for result in results], label=stage)
    losses.set(xlabel="epoch", ylabel="training loss")
    accuracies.set(xlabel="epoch", ylabel="validation accuracy, %")
    losses.legend()
    return figure


def _percent(share: float | None) -> float:
    return math.nan if share is None else 100 * share  # a gap in the curve


def _confusion(evaluation: Evaluation) -> Figure:
    labels, counts = tuple(map(as_text, evaluation.labels)), evaluation.confusion
    side = 2 + 0.45 * len(labels)
    figure = Figure(figsize=(side + 1, side), layout="constrained")
    axes = figure.subplots()
    axes.imshow(counts / counts.sum(axis=1, keepdims=True).clip(min=1), cmap="Blues", vmin=0, vmax=1)
    axes.set_xticks(range(len(labels)), labels, rotation=60, ha="right")
    axes.set_yticks(range(len(labels)), labels)
    axes.set(xlabel="recognized as", ylabel="spoken")
    for row, column in zip(*counts.nonzero(), strict=True):
        dark = counts[row, column] > counts[row].sum() / 2
        axes.text(column, row, counts[row, column], ha="center", va="center", size=7, color="w" if dark else "k")
    return figure


def _svg(figure: Figure) -> str:
    return base64.b64encode(picture(figure, "svg")).decode()
