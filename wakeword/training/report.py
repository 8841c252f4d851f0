"""The report of a training run: one HTML file with curves, confusion matrix and the model's size by part."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from pathlib import Path

import jinja2

from wakeword.columns import left_to_right
from wakeword.evaluation.accuracy import Evaluation
from wakeword.files import write_whole
from wakeword.model.file import Model
from wakeword.model.size import model_size
from wakeword.training.curves import draw_curves
from wakeword.training.progress import EpochResult

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{{ name }}: training report</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222 }
img { max-width: 100% } table { border-collapse: collapse } td, th { padding: .15rem .8rem; text-align: left }
td:last-child { text-align: right } .wide { overflow-x: auto }
.confusion td { text-align: center; min-width: 1.5rem } caption { text-align: left }
</style></head><body>
<h1 dir="auto">{{ name }}</h1>
<p>{{ summary }}</p>
{% for word in words %}<p>{{ word }}.</p>
{% endfor %}
<h2>Curves</h2>
<img alt="training loss by epoch" src="{{ losses }}"><img alt="validation accuracy by epoch" src="{{ accuracies }}">
<h2>Confusion on the validation clips</h2>
<div class="wide"><table class="confusion">
<caption>A row for each spoken word, a column for what it was recognized as</caption>
<tr><td></td>{% for label, _ in confusion %}<th scope="col" dir="auto">{{ label }}</th>{% endfor %}</tr>
{% for label, row in confusion %}<tr><th scope="row" dir="auto">{{ label }}</th>{% for count, share in row %}\
<td style="background: rgb(31 119 180 / {{ '%.2f' % share }}); color: {{ 'white' if share > 0.6 else 'black' }}">\
{{ count or '' }}</td>{% endfor %}</tr>
{% endfor %}</table></div>
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
        losses=_curves("training loss", history, lambda result: result.loss),
        accuracies=_curves("validation accuracy, %", history, _percent),
        confusion=_confusion(evaluation),
        sizes=sizes,
        total=sum(sizes.values()),
        provenance=model.provenance,
    )
    write_whole(path, text.encode())


def _percent(result: EpochResult) -> float | None:
    return None if result.accuracy is None else 100 * result.accuracy


def _curves(label: str, history: Sequence[EpochResult], value: Callable[[EpochResult], float | None]) -> str:
    """Return a picture of a value of the epochs, as a data URL."""
    curves: dict[str, list[tuple[int, float]]] = {result.stage: [] for result in history}
    for result in history:
        if (found := value(result)) is not None:
            curves[result.stage].append((result.epoch + 1, found))
    drawn = draw_curves(label, curves)
    return f"data:image/svg+xml;base64,{base64.b64encode(drawn.encode()).decode()}"


def _confusion(evaluation: Evaluation) -> list[tuple[str, list[tuple[int, float]]]]:
    """Return each spoken label with what it was recognized as: clips, and their share of all clips of the label."""
    counts = evaluation.confusion
    shares = counts / counts.sum(axis=1, keepdims=True).clip(min=1)
    rows = (list(zip(*row, strict=True)) for row in zip(counts.tolist(), shares.tolist(), strict=True))
    return list(zip(evaluation.labels, rows, strict=True))
