"""The live display of `wakeword listen`: level, spectrogram, scores against thresholds, the latest events."""

from __future__ import annotations

import math
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.level import SILENT_DBFS, level_dbfs
from wakeword.columns import left_to_right
from wakeword.columns import width as width_of
from wakeword.inference.detector import Event
from wakeword.inference.events import plain_line
from wakeword.inference.trace import Trace
from wakeword.live.spectrogram import Spectrogram
from wakeword.model.score import as_fraction
from wakeword.model.vocabulary import Vocabulary

_LATEST = 8  # events in the display; older ones scroll up above it
_REFRESHES_PER_SECOND = 15
_ROWS = 15  # of words; more words take a second column
_LEVEL_WIDTH, _SCORE_WIDTH = 40, 20  # characters


class Display:
    """An output that draws level, spectrogram, scores and events in the terminal's last lines; a context manager."""

    def __init__(self, vocabulary: Vocabulary, console: Console | None = None) -> None:
        self._labels = vocabulary.shown
        self._width = max(map(width_of, self._labels))
        self._words = vocabulary.words
        self._thresholds = [as_fraction(column.threshold) for column in vocabulary.columns]
        self._scores = [0.0] * len(self._labels)
        self._level = SILENT_DBFS
        self._samples = 0
        self._spectrogram = Spectrogram()
        self._latest: tuple[Event, ...] = ()  # replaced, never changed: another thread draws it
        self._live = Live(self, console=console, refresh_per_second=_REFRESHES_PER_SECOND)

    def __enter__(self) -> Display:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()  # leaves the last picture on the screen

    def update(self, samples: Samples, trace: Trace) -> None:
        if not self._live.is_started:  # not earlier: a source may have no samples
            self._live.start()
        self._samples += len(samples)
        self._level = level_dbfs(samples)
        self._spectrogram.push(trace.features)
        if len(trace.scores):
            self._scores = [as_fraction(int(score)) for score in trace.scores.max(axis=0)]
        for event in trace.events:
            self._log(event)

    def _log(self, event: Event) -> None:
        if len(self._latest) == _LATEST:
            self._live.console.print(Text(self._line(self._latest[0])))
        self._latest = (*self._latest, event)[-_LATEST:]

    def _line(self, event: Event) -> str:
        return left_to_right(plain_line(event, self._labels[event.label], self._width))

    def __rich__(self) -> Group:
        events = [self._line(event) for event in self._latest] or ["nothing yet"]
        log = Text("\n".join(events), style="" if self._latest else "dim")
        return Group(self._level_row(), self._spectrogram.__rich__(), Text(), self._word_rows(), Text(), log)

    def _level_row(self) -> Text:
        minutes, seconds = divmod(self._samples // SAMPLE_RATE, 60)
        meter = _bar(1 - self._level / SILENT_DBFS, _LEVEL_WIDTH)
        return Text.assemble(f"{minutes:3d}:{seconds:02d}  ", meter, f"  {self._level:5.1f} dBFS")

    def _word_rows(self) -> Table:
        words = self._words
        leader = max(words, key=lambda word: self._scores[word])
        columns = math.ceil(len(words) / _ROWS)
        rows = math.ceil(len(words) / columns)
        table = Table.grid(padding=(0, 1))
        for row in range(rows):
            cells = (self._word_cells(word, word == leader) for word in words[row::rows])
            table.add_row(*(cell for word in cells for cell in word))
        return table

    def _word_cells(self, word: int, leads: bool) -> tuple[Text, Text, Text]:
        score, threshold = self._scores[word], self._thresholds[word]
        style = "bold green" if score >= threshold else "bold" if leads else "dim"
        name = Text(left_to_right(f"{'›' if leads else ' '} {self._labels[word]}"), style=style)
        return name, _bar(score, _SCORE_WIDTH, style, mark=threshold), Text(f"{score:.2f}", style=style)


def _bar(value: float, width: int, style: str = "", mark: float | None = None) -> Text:
    """Draw a bar for a value from 0 to 1; `mark`, a value too, puts a mark on it."""
    filled = round(min(max(value, 0), 1) * width)
    bar = Text("━" * filled, style=style) + Text("─" * (width - filled), style="dim")
    if mark is None:
        return bar
    at = min(int(mark * width), width - 1)
    return bar[:at] + Text("┃", style=style) + bar[at + 1 :]
