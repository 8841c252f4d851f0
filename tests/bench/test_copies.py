"""Copies of a recording: found whatever their encoding, and two takes of a word are two recordings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from bench.copies import recordings


@pytest.fixture
def clips(tmp_path: Path) -> list[Path]:
    """Write three recordings, and of the first a quiet, delayed copy in Ogg and a cut one."""
    rng = np.random.default_rng(0)
    band = np.exp(-np.linspace(0, 12, 8001))  # of noise below some 1 kHz
    first, second, third = (np.fft.irfft(np.fft.rfft(rng.standard_normal(16000)) * band, 16000) for _ in range(3))
    waves = {
        "a.wav": first,
        "b.wav": second,
        "c.ogg": 0.2 * np.concatenate([np.zeros(5000), first]),
        "d.wav": first[:15000],
        "e.wav": third,
    }
    for name, wave in waves.items():
        soundfile.write(tmp_path / name, 0.3 * wave / np.abs(wave).max(), 16000)
    return sorted(tmp_path.iterdir())


def test_copies_of_a_recording_are_found_whatever_their_level_delay_and_encoding(clips: list[Path]) -> None:
    assert [[clip.name for clip in group] for group in recordings(clips)] == [
        ["a.wav", "c.ogg", "d.wav"],
        ["b.wav"],
        ["e.wav"],
    ]


def test_a_copy_of_two_clips_joins_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    whole = rng.standard_normal(16000)
    for name, share in (("a", slice(0, 14000)), ("b", slice(2000, 16000)), ("c", slice(0, 16000))):
        soundfile.write(tmp_path / f"{name}.wav", 0.1 * whole[share], 16000)
    ends, both = recordings([tmp_path / "a.wav", tmp_path / "b.wav"]), recordings(sorted(tmp_path.iterdir()))
    assert (len(ends), len(both)) == (2, 1)


def test_silent_clips_are_no_copies(tmp_path: Path) -> None:
    for name in ("a", "b"):
        soundfile.write(tmp_path / f"{name}.wav", np.zeros(16000), 16000)
    assert len(recordings(sorted(tmp_path.iterdir()))) == 2
