"""The spectrogram draws low sounds low, high ones high, loud ones dark, and the newest at the right."""

from __future__ import annotations

from featurizer import Featurizer
from featurizer.logmel import Samples
from tests.signals import at_level, tone
from wakeword.live.spectrogram import COLUMNS, ROWS, Spectrogram


def _drawn(*sounds: Samples) -> list[str]:
    """Return the rows after these sounds, the highest band first."""
    spectrogram, featurizer = Spectrogram(), Featurizer()
    for sound in sounds:
        spectrogram.push(featurizer.push(sound))
    return spectrogram.__rich__().plain.split("\n")


def test_it_has_its_full_size_from_the_start() -> None:
    assert _drawn() == [" " * COLUMNS] * ROWS


def test_a_low_tone_is_drawn_low_and_a_high_one_high() -> None:
    low, high = (_drawn(at_level(tone(hertz, 4), -12)) for hertz in (150, 7000))
    darkest = [max(range(ROWS), key=lambda row: " ·░▒▓█".index(rows[row][-1])) for rows in (low, high)]
    assert darkest[0] == ROWS - 1 and darkest[1] <= 1


def test_the_newest_column_is_the_last_whatever_the_blocks() -> None:
    loud, silent = at_level(tone(150, 1), -6), 0 * at_level(tone(150, 1), -6)
    bottom = _drawn(silent, loud)[-1]
    assert bottom[-15:] == "█" * 15 and not bottom[:35].strip()
    pieces = [piece for sound in (silent, loud) for piece in (sound[:777], sound[777:])]
    assert _drawn(*pieces)[-1] == bottom
