"""The bench of cards: low voices are told from high ones, and each group's misses are counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.cards.measure import accents, voices
from bench.cards.page import page
from bench.cards.pitch import HIGH, median_pitch
from wakeword.audio.files import write_wav

RATE = 16_000


def voice(hz: float, seconds: float = 0.6) -> np.ndarray:
    """A vowel between silences: pulses at a pitch that falls by a tenth, through one resonance at 600 Hz."""
    time = np.arange(round(seconds * RATE)) / RATE
    phase = np.cumsum(hz * (1.05 - 0.1 * time / seconds)) / RATE
    pulses = np.diff(np.floor(phase), prepend=0.0)
    ring = np.exp(-time[:160] * 400) * np.sin(2 * np.pi * 600 * time[:160])
    sound = np.convolve(pulses, ring)[: len(time)]
    noise = np.random.default_rng(0).normal(0, 0.002, len(time))
    return np.pad(np.round(8000 * (sound + noise)), 4000).astype(np.int16)


@pytest.mark.parametrize("hz", [90, 120, 210, 300])
def test_the_pitch_of_a_voice_is_found_and_not_its_octave(hz: float) -> None:
    assert median_pitch(voice(hz)) == pytest.approx(hz, rel=0.05)
    assert (hz > HIGH) == (hz > 165)


def test_noise_and_silence_have_no_pitch() -> None:
    noise = np.random.default_rng(0).normal(0, 3000, RATE).astype(np.int16)
    assert median_pitch(noise) is None
    assert median_pitch(np.zeros(RATE, np.int16)) is None
    assert median_pitch(np.zeros(10, np.int16)) is None


def test_a_card_tells_low_voices_from_high_ones_and_accents_by_the_first_voice_of_a_clip(tmp_path: Path) -> None:
    names = {"kokoro-am_adam_nohash_1": 110, "kokoro-bf_emma+am_adam_nohash_2": 220, "kokoro-ff_siwis_nohash_3": 210}
    for name, hz in names.items():
        write_wav(tmp_path / f"{name}.wav", voice(hz))
    american, british, foreign = (str(tmp_path / f"{name}.wav") for name in names)
    found = voices(tmp_path)
    assert found[""] == {american, british, foreign}
    assert found[", voices below 165 Hz"] == {american}
    assert found[", voices above 165 Hz"] == {british, foreign}
    assert accents(tmp_path) == {
        ", American": {american},
        ", British": {british},
        ", speakers of other languages": {foreign},
    }


def test_the_page_gives_each_command_once() -> None:
    for section in page().split("\n## ")[1:]:
        commands = section.split("```")[1].split("\n")
        assert len(commands) == len(set(commands)) + commands.count("") - 1
