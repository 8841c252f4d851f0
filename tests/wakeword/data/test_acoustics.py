"""Rooms and microphones change the sound of speech, but neither its time nor its level."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from featurizer import SAMPLE_RATE
from wakeword.data.acoustics import (
    Bank,
    Channel,
    CheapMicrophone,
    Rooms,
    cheap_microphone,
    narrow_band,
    reverberate,
    room_bank,
)
from wakeword.errors import DataError

SOME = Rooms(count=6)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Bank:
    return room_bank(SOME, tmp_path_factory.mktemp("rooms"))


def noise(seconds: float = 1.0) -> np.ndarray:
    return np.random.default_rng(0).normal(0, 1000, round(seconds * SAMPLE_RATE)).astype(np.float32)


def power(samples: np.ndarray) -> float:
    return float(np.mean(np.square(samples, dtype=np.float64)))


def test_every_room_rings_from_the_direct_sound_on(bank: Bank) -> None:
    assert len(bank) == 6
    for response in bank:
        assert response.dtype == np.float32
        assert np.sum(response**2) == pytest.approx(1, rel=1e-5)
        assert np.abs(response[:2]).max() > 0.1 * np.abs(response).max()
        early, late = np.sum(response[:800] ** 2), np.sum(response[800:] ** 2)
        assert 0 < late < early


def test_rooms_differ_and_a_seed_gives_the_same_ones(bank: Bank, tmp_path: Path) -> None:
    again, others = room_bank(SOME, tmp_path), room_bank(Rooms(count=6, seed=1), tmp_path)
    assert all(np.array_equal(one, other) for one, other in zip(bank, again, strict=True))
    assert len({response.tobytes() for response in (*bank, *others)}) == 12


def test_rooms_are_computed_once(tmp_path: Path) -> None:
    first = room_bank(Rooms(count=1), tmp_path)
    (kept,) = tmp_path.iterdir()
    written = kept.stat().st_mtime_ns
    again = room_bank(Rooms(count=1), tmp_path)
    assert kept.stat().st_mtime_ns == written
    assert np.array_equal(first[0], again[0])


def test_a_cache_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(DataError, match=r"can't be written: .*; free space there, or let this user write to the cache"):
        room_bank(Rooms(count=1), tmp_path / "cache")


def test_reverberation_keeps_a_words_onset_and_level_and_adds_a_tail(bank: Bank) -> None:
    word = np.zeros(SAMPLE_RATE, np.float32)
    word[4000:8000] = noise(0.25)
    filtered = reverberate(word, np.random.default_rng(0), bank)
    assert filtered.shape == word.shape and filtered.dtype == np.float32
    assert power(filtered) == pytest.approx(power(word), rel=1e-4)
    assert power(filtered[:3990]) < 1e-6 * power(word)
    assert power(filtered[4000:4100]) > 0.01 * power(word[4000:4100])
    assert power(filtered[8000:8800]) > 0.001 * power(word)


def test_the_generator_decides_the_room_the_microphone_and_the_channel(bank: Bank) -> None:
    for change in (
        lambda rng: reverberate(noise(), rng, bank),
        lambda rng: cheap_microphone(noise(), rng),
        lambda rng: narrow_band(noise(), rng),
    ):
        assert np.array_equal(change(np.random.default_rng(3)), change(np.random.default_rng(3)))
        assert len({change(np.random.default_rng(seed)).tobytes() for seed in range(20)}) > 4


def test_silence_stays_silence(bank: Bank) -> None:
    silence, rng = np.zeros(1600, np.float32), np.random.default_rng(0)
    assert not reverberate(silence, rng, bank).any()
    assert not cheap_microphone(silence, rng).any()
    assert not narrow_band(silence, rng).any()


def response_at(hz: float, kind: CheapMicrophone | Channel) -> float:
    """Return the gain at a frequency, in dB relative to that at 1 kHz."""
    rng = np.random.default_rng(0)
    change = (
        narrow_band(noise(4.0), rng, kind) if isinstance(kind, Channel) else cheap_microphone(noise(4.0), rng, kind)
    )
    filtered = np.fft.rfft(change)
    sent = np.fft.rfft(noise(4.0))

    def gain(around: float) -> float:
        band = slice(round(around * 4 * 0.97), round(around * 4 * 1.03) + 1)
        return float(np.sum(np.abs(filtered[band]) ** 2) / np.sum(np.abs(sent[band]) ** 2))

    return 10 * np.log10(gain(hz) / gain(1000))


def test_a_cheap_microphone_loses_the_lowest_and_the_highest_tones() -> None:
    kind = CheapMicrophone(high_pass_hz=(300, 300), low_pass_hz=(4000, 4000), resonance_db=(0, 0))
    assert response_at(100, kind) == pytest.approx(-9.6, abs=1)
    assert response_at(4000, kind) == pytest.approx(-5.1, abs=1)
    assert response_at(7500, kind) < -11


def test_a_cheap_microphone_resonates() -> None:
    flat: dict[str, Any] = {"high_pass_hz": (1, 1), "low_pass_hz": (100_000, 100_000)}
    kind = CheapMicrophone(**flat, resonance_hz=(3000, 3000), resonance_db=(10, 10), resonance_q=(4, 4))
    assert response_at(3000, kind) == pytest.approx(10, abs=1)


def test_a_narrow_channel_has_nothing_beyond_its_band_and_all_of_what_is_within() -> None:
    telephone = Channel(lowest_hz=(300, 300), highest_hz=(3400, 3400))
    assert response_at(100, telephone) < -40
    assert response_at(5500, telephone) < -40
    for hz in (300, 3400):
        assert response_at(hz, telephone) == pytest.approx(-3, abs=1)
    for hz in (500, 2500):
        assert response_at(hz, telephone) == pytest.approx(0, abs=0.5)


def test_the_filter_does_not_wrap_a_late_tone_round_to_the_start() -> None:
    late = np.zeros(SAMPLE_RATE, np.float32)
    late[-1600:] = 5000 * np.sin(np.arange(1600) * 2 * np.pi * 440 / SAMPLE_RATE)
    for filtered in (cheap_microphone(late, np.random.default_rng(0)), narrow_band(late, np.random.default_rng(0))):
        assert power(filtered[:8000]) < 1e-4 * power(late)
