"""The live display of `wakeword listen` shows the level, scores against thresholds, and every event."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import re
from pathlib import Path

import numpy as np
from rich.console import Console

from featurizer import MEL_BANDS
from tests import processes
from tests.signals import ROOT, at_level, tone
from tests.waits import PATIENCE
from tests.wakeword.models import random_model
from tests.wakeword.scripts import WORDS, many_scripts
from tests.wakeword.terminal import WAKEWORD, wakeword
from wakeword.columns import width
from wakeword.inference.detector import Event
from wakeword.inference.engine import Trace
from wakeword.live import spectrogram
from wakeword.live.display import Display
from wakeword.model.file import Model, write_model
from wakeword.model.vocabulary import Vocabulary

SECOND = np.zeros(16_000, np.int16)


def _trace(loaded: Model, scores: dict[str, float], events: list[Event]) -> Trace:
    """One frame with these scores, 0 to 1, and these events."""
    row = np.array([[round(32767 * scores.get(label, 0.0)) for label in loaded.labels]], np.int16)
    return Trace(np.zeros((1, MEL_BANDS), np.int16), row[:, :0], row, row, events)


def _standing(display: Display) -> list[str]:
    """The lines that the display keeps at the bottom of a terminal of 80 columns."""
    console = Console(record=True, width=80, file=io.StringIO())
    console.print(display)
    return [line.rstrip() for line in console.export_text().splitlines()]


def _display(loaded: Model) -> tuple[Display, Console]:
    console = Console(record=True, force_terminal=True, width=80, height=40, file=io.StringIO())
    return Display(Vocabulary.of([("test", loaded)]), console), console


def test_level_scores_against_thresholds_and_events_are_shown() -> None:
    loaded = random_model()
    event = Event(3, 24576, 95)
    display, _ = _display(loaded)
    loud = at_level(np.sign(tone(440) + 1e-9), -20)  # a square wave, whose root mean square is its peak
    with display:
        display.update(loud, _trace(loaded, {"word1": 0.75, "word3": 0.1}, [event]))

    level, *rows = _standing(display)
    _, *words, _, last = rows[spectrogram.ROWS :]

    assert level.split()[0] == "0:01"
    assert level.endswith("-20.0 dBFS")
    assert level.count("━") == round(40 * (1 - 20 / 96))
    assert [line.split()[-1] for line in words] == ["0.00", "0.75", "0.00", "0.10"]
    assert [line.startswith("›") for line in words] == [False, True, False, False]  # the leading word
    bars = [line.strip("› ").split()[1] for line in words]
    assert [bar.index("┃") for bar in bars] == [int(20 * 9000 / 32768)] * 4  # the threshold
    assert bars[1].count("━") == 15 - 1  # three quarters of 20, with the mark on one of them
    assert last.split() == [f"{event.time:.2f}", "s", "word1", "0.75"]


def test_the_words_of_all_models_are_shown() -> None:
    """A word of two models with its model; silence and other words of none."""
    vocabulary = Vocabulary.of([("kitchen", random_model(words=1)), ("hall", random_model(words=2))])
    display = Display(vocabulary, Console(width=80, file=io.StringIO()))
    row = np.array([[0, 0, 6554, 0, 0, 16384, 9830]], np.int16)
    display.update(SECOND, Trace(np.zeros((1, MEL_BANDS), np.int16), row[:, :0], row, row, []))
    display.__exit__(None, None, None)
    words = [line.strip("› ").split() for line in _standing(display)[spectrogram.ROWS + 2 :][:3]]
    assert [(line[:-2], line[-1]) for line in words] == [
        (["word0", "(kitchen)"], "0.20"),
        (["word0", "(hall)"], "0.50"),
        (["word1"], "0.30"),
    ]


def test_the_highest_score_of_a_block_is_shown_even_when_its_last_is_low() -> None:
    loaded = random_model()
    display, _ = _display(loaded)
    high, low = (_trace(loaded, {"word0": score}, []) for score in (0.9, 0.2))
    scores = np.concatenate([high.scores, low.scores])
    with display:
        display.update(SECOND, Trace(np.zeros((2, MEL_BANDS), np.int16), scores[:, :0], scores, scores, []))
    assert _standing(display)[spectrogram.ROWS + 2].endswith("0.90")


def test_nothing_is_drawn_before_the_first_samples() -> None:
    display, console = _display(random_model())
    with display:
        pass
    assert console.export_text() == ""


def test_older_events_scroll_up_above_the_display_in_their_order() -> None:
    loaded = random_model()
    display, console = _display(loaded)
    with display:
        for second in range(30):
            display.update(SECOND, _trace(loaded, {}, [Event(2, 16384, 100 * second)]))
    above = re.findall(r"^ +(\d+)\.0[23] s  word0 +0\.50$", console.export_text(), re.MULTILINE)
    standing = [line.split(".")[0].strip() for line in _standing(display) if line.endswith("0.50")]
    assert len(standing) == 8
    assert list(dict.fromkeys(above)) == [str(second) for second in range(30)]


def test_many_words_take_two_columns() -> None:
    loaded = random_model(words=30)
    display, _ = _display(loaded)
    with display:
        display.update(SECOND, _trace(loaded, {"word29": 0.6}, []))
    rows = [line for line in _standing(display) if "word" in line]
    assert len(rows) == 15
    assert "word0 " in rows[0] and "word15 " in rows[0]
    assert "› word29" in rows[14]


def test_on_a_terminal_listen_draws_the_display_and_shows_the_cursor_again(tmp_path: Path) -> None:
    model = tmp_path / "random.safetensors"
    write_model(random_model(), model)
    arguments = ["listen", "--model", str(model), "--input", str(ROOT / "wakeword/assets/demo.flac")]
    drawn = _on_a_terminal(arguments)
    assert "dBFS" in drawn
    assert drawn.count("\x1b[?25l") == drawn.count("\x1b[?25h") == 1
    for line in wakeword(*arguments).stdout.splitlines()[:-1]:
        assert line in drawn


def _on_a_terminal(arguments: list[str]) -> str:
    """Return what the command writes to a terminal of its own."""
    terminal, end = pty.openpty()
    environment = {"TERM": "xterm", "COLUMNS": "80", "LINES": "40"}
    command = [WAKEWORD, *arguments]
    with processes.started(command, stdin=end, stdout=end, stderr=end, environment=environment) as process:
        os.close(end)
        drawn = b""
        with contextlib.suppress(OSError):  # Linux says so when the other end is closed
            while piece := os.read(terminal, 1 << 16):
                drawn += piece
        process.wait(PATIENCE)
    os.close(terminal)
    assert process.returncode == 0
    return drawn.decode()


def test_words_of_any_script_leave_bars_and_scores_in_their_columns() -> None:
    loaded = many_scripts()
    events = [Event(label, 24576, 95) for label in range(5, 9)]
    display, _ = _display(loaded)
    with display:
        display.update(SECOND, _trace(loaded, dict.fromkeys(WORDS, 0.5), events))
    lines = [line for line in _standing(display) if any(word in line for word in WORDS)]
    assert len(lines) == len(WORDS) + len(events)
    bars = {width(line.partition("━")[0]) for line in lines[: len(WORDS)]}
    scores = {width(line) for line in lines[len(WORDS) :]}
    assert len(bars) == len(scores) == 1
    assert all(f"{word}\u200e" in line for line in lines for word in WORDS[3:5] if word in line)  # as in columns.py
