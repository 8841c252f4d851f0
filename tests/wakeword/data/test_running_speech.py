"""Negatives of running speech: recordings in clips one behind the other, and other words joined without a silence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.signals import at_level, tone
from wakeword.audio.files import write_wav
from wakeword.data import running_speech
from wakeword.data.examples import Examples
from wakeword.data.running_speech import RUNNING, background, cut_windows, join_words, read_negatives, row_of_words
from wakeword.errors import DataError

SECOND = 16_000


def word(hz: float) -> np.ndarray:
    """A second with a tone of 0.3 s in its middle, and noise around it."""
    clip = at_level(np.random.default_rng(0).normal(size=SECOND), -70)
    clip[6_000:10_800] = at_level(tone(hz, 0.3), -10)
    return clip


def pitches(clip: np.ndarray) -> set[int]:
    """The hundreds of hertz that are loud in pieces of 50 ms."""
    pieces = clip[: len(clip) // 800 * 800].reshape(-1, 800).astype(float)
    spectra = np.abs(np.fft.rfft(pieces, axis=1))
    loud = spectra.max(axis=1) > 0.2 * spectra.max()
    return {round(int(peak) * 20 / 100) for peak in spectra[loud].argmax(axis=1)}


def test_recordings_are_one_stream_in_the_order_given(tmp_path: Path) -> None:
    parts = [np.arange(5, dtype=np.int16), np.arange(100, 107, dtype=np.int16)]
    for number, part in enumerate(parts):
        write_wav(tmp_path / f"{number}.wav", part)
    read = read_negatives([tmp_path / "1.wav", tmp_path / "0.wav"])
    assert read.tolist() == [*parts[1].tolist(), *parts[0].tolist()]
    assert len(read_negatives([])) == 0


def test_more_hours_than_memory_is_kept_for_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running_speech, "MAX_HOURS", 2 / 3600)
    write_wav(tmp_path / "second.wav", word(500))
    assert len(read_negatives([tmp_path / "second.wav"] * 2)) == 2 * SECOND
    read: list[Path] = []
    monkeypatch.setattr(running_speech, "read_audio", read.append)
    with pytest.raises(DataError, match="the negatives are longer than"):
        read_negatives([tmp_path / "second.wav"] * 3)
    assert read == []  # into memory


def test_a_stream_is_parted_whole_into_half_as_many_pieces_as_there_are_noises() -> None:
    stream = np.arange(100, dtype=np.int16)
    for noises, pieces in ((0, 1), (1, 1), (6, 3), (13, 6)):
        parts = background(stream, noises)
        assert len(parts) == pieces and np.concatenate(parts).tolist() == stream.tolist()
    assert background(stream[:0], 6) == ()


def test_a_stream_is_cut_into_clips_that_leave_nothing_out_but_its_end() -> None:
    stream = np.arange(7, dtype=np.int16)
    examples = cut_windows(stream, 3, label=1)
    assert examples.samples.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert examples.labels.tolist() == [1, 1]
    assert all(name.startswith(f"{RUNNING}/") for name in examples.names)
    other = cut_windows(stream + np.int16(1), 3, label=1)
    assert set(examples.names).isdisjoint(other.names)  # a run on other recordings is another run


def test_joined_words_follow_each_other_without_the_silence_of_their_clips() -> None:
    words = Examples(np.stack([word(400), word(700), word(1000)]), np.full(3, 1), ("a/1", "b/1", "c/1"))
    joined = join_words(words, 40, np.random.default_rng(0))
    assert joined.samples.shape == (40, SECOND)
    assert (joined.labels == 1).all()
    found = [pitches(clip) for clip in joined.samples]
    assert set().union(*found) == {4, 7, 10}
    assert np.mean([len(each) > 1 for each in found]) > 0.7
    quiet = np.mean([np.abs(clip.astype(int)) < 200 for clip in joined.samples])
    assert quiet < 0.35  # of a word's own clip two thirds are


def test_joined_words_are_the_same_for_the_same_generator_and_none_without_words() -> None:
    words = Examples(np.stack([word(400), word(700)]), np.full(2, 1), ("a/1", "b/1"))
    first, second = (join_words(words, 5, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first.samples, second.samples)
    assert first.names == second.names
    assert len(row_of_words([], np.random.default_rng(0))) == 0
    none = Examples(words.samples[:0], words.labels[:0], ())
    assert len(join_words(none, 5, np.random.default_rng(0))) == 0
