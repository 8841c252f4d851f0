"""Positives: each clip of a word is processed alone, after near silence or in noise."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.wakeword.models import random_model
from wakeword.audio.files import write_wav
from wakeword.audio.level import active_level, level_dbfs
from wakeword.audio.word import word_end
from wakeword.errors import WakewordError
from wakeword.evaluation.positives import (
    LEAD,
    Conditions,
    evaluate_clips,
    mix_clip,
    played,
    positive_clips,
    render_clip,
    through,
)
from wakeword.inference.engine import open_engine
from wakeword.model.file import Model

RATE = 16_000
RNG = np.random.default_rng


def word(seconds: float, after: float, loudness: float = 6000, floor: float = 0) -> np.ndarray:
    """A sound of some length, and some time after it: int16."""
    time = np.arange(round((seconds + after) * RATE)) / RATE
    sound = loudness * np.sin(2 * np.pi * 440 * time) * (time < seconds)
    return (sound + floor * RNG(0).standard_normal(len(time))).astype(np.int16)


@pytest.fixture
def model() -> Model:
    return replace(random_model(words=2), labels=("_silence_", "_unknown_", "yes", "no"))


def write(path: Path, samples: np.ndarray | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_wav(path, word(0.5, 0.5) if samples is None else samples)


@pytest.mark.parametrize("floor", [0, 1, 60, 300])
@pytest.mark.parametrize("seconds", [0.3, 0.8, 2.0])
def test_a_word_ends_with_its_sound(seconds: float, floor: float) -> None:
    assert word_end(word(seconds, 0.7, floor=floor)) == pytest.approx(seconds, abs=0.011)


def test_a_clip_that_ends_within_its_word_ends_it() -> None:
    assert word_end(word(1.0, 0.0)) == 1.0
    assert word_end(np.zeros(RATE, np.int16)) == 1.0
    assert word_end(np.zeros(10, np.int16)) == 10 / RATE


def test_a_clip_begins_after_near_silence_and_nearly_unchanged() -> None:
    clip = word(0.5, 0.5)
    wave = mix_clip(clip, None, 10, window=1.0, rng=RNG(0))
    start = round(LEAD * RATE)
    assert len(wave) == start + len(clip) + round(1.25 * RATE)
    assert level_dbfs(wave[:start]) == pytest.approx(-80, abs=1)
    assert np.abs(wave[start : start + len(clip)].astype(int) - clip).max() < 20


@pytest.mark.parametrize("snr", [0.0, 10.0])
def test_noise_has_the_wanted_level_below_the_word(snr: float) -> None:
    clip, noise = word(0.5, 0.5), (RNG(1).standard_normal(3 * RATE) * 1000).astype(np.int16)
    wave = mix_clip(clip, noise, snr, window=1.0, rng=RNG(0))
    level = active_level(clip.astype(np.float32))
    assert level - level_dbfs(wave[: round(LEAD * RATE)]) == pytest.approx(snr, abs=0.3)


@pytest.mark.parametrize("seconds", [0.3, 2.5, 9.0])
def test_noise_begins_anywhere_and_is_repeated_if_it_is_short(tmp_path: Path, seconds: float) -> None:
    clip, noise = word(0.5, 0.5), (RNG(1).standard_normal(round(seconds * RATE)) * 1000).astype(np.int16)
    write_wav(tmp_path / "noise.wav", noise)
    conditions = Conditions((tmp_path / "noise.wav",), snr_db=0.0, seed=3)
    wave = render_clip(conditions, clip, number=5, window=1.0)
    rng = RNG([3, 5])
    assert rng.integers(1) == 0  # the only recording
    start = int(rng.integers(len(noise)))
    expected = np.resize(np.roll(noise, -start), len(wave))[: round(LEAD * RATE)].astype(float)
    before = wave[: len(expected)].astype(float)
    assert np.corrcoef(expected, before)[0, 1] > 0.999


def test_a_clip_that_is_played_faster_is_shorter_and_higher() -> None:
    clip = word(1.0, 0.0)
    faster = played(clip, 1.25)
    assert len(faster) == len(clip) / 1.25
    assert np.argmax(np.abs(np.fft.rfft(faster))) * RATE / len(faster) == pytest.approx(550, abs=2)
    assert played(clip, 1.0) is clip


def test_the_speed_of_the_clips_decides_what_is_heard(model: Model, tmp_path: Path) -> None:
    write(tmp_path / "yes" / "0.wav")
    clips, engine = positive_clips(tmp_path, model), open_engine(model)
    plain, fast = (evaluate_clips(model, engine, clips, Conditions(speed=speed), 1.0) for speed in (1.0, 1.5))
    assert plain.seconds - fast.seconds == pytest.approx(0.5 / 3, abs=0.02)  # half a second of sound


def test_a_clip_through_a_channel_keeps_the_tones_of_its_band_alone() -> None:
    clip = word(1.0, 0.0)
    assert through(clip, None) is clip
    kept, lost = through(clip, (300, 3400)), through(clip, (1000, 3400))
    tone = np.abs(np.fft.rfft(clip))[440]
    assert np.abs(np.fft.rfft(kept))[440] == pytest.approx(tone, rel=0.05)
    assert np.abs(np.fft.rfft(lost))[440] < 0.1 * tone


def test_the_band_of_the_clips_decides_what_is_heard(model: Model, tmp_path: Path) -> None:
    write(tmp_path / "yes" / "0.wav")
    clips, engine = positive_clips(tmp_path, model), open_engine(model)
    whole, narrow = (evaluate_clips(model, engine, clips, Conditions(band=band), 1.0) for band in (None, (1000, 2000)))
    assert whole.detections and whole.detections != narrow.detections


def test_each_clip_has_noise_of_its_own_and_always_the_same(model: Model, tmp_path: Path) -> None:
    for number in range(4):
        write(tmp_path / "yes" / f"{number}.wav")
    clips = positive_clips(tmp_path, model)
    engine = open_engine(model)
    forward, backward = (evaluate_clips(model, engine, part, Conditions(), 1.0) for part in (clips, clips[::-1]))
    assert np.array_equal(forward.hits, backward.hits) and np.array_equal(forward.false_accepts, backward.false_accepts)
    assert sorted(map(repr, forward.detections)) == sorted(map(repr, backward.detections))
    assert len({event.score for event in forward.detections}) > 1


def test_the_folder_s_name_is_the_word(model: Model, tmp_path: Path) -> None:
    write(tmp_path / "no" / "1.wav")
    assert [clip.word for clip in positive_clips(tmp_path / "no", model)] == ["no"]
    assert [clip.word for clip in positive_clips(tmp_path / "no", model, "yes")] == ["yes"]


def test_a_model_of_one_word_needs_no_name(tmp_path: Path) -> None:
    write(tmp_path / "takes" / "1.wav")
    assert [clip.word for clip in positive_clips(tmp_path / "takes", random_model(words=1))] == ["word0"]


def test_a_folder_of_folders_has_clips_of_every_word_of_the_model(model: Model, tmp_path: Path) -> None:
    for name in ("yes/1.wav", "no/2.wav", "maybe/3.wav"):
        write(tmp_path / name)
    assert [(c.path.stem, c.word) for c in positive_clips(tmp_path, model)] == [("1", "yes"), ("2", "no")]
    assert [c.word for c in positive_clips(tmp_path, model, "no")] == ["no"]


def test_folders_and_words_are_found_in_any_spelling(model: Model, tmp_path: Path) -> None:
    phrases = replace(model, labels=("_silence_", "_unknown_", "hey lumen", "café"))
    for name in ("Hey_Lumen/1.wav", "cafe\u0301/2.wav", "lumen/3.wav"):
        write(tmp_path / name)
    assert [(c.path.stem, c.word) for c in positive_clips(tmp_path, phrases)] == [("1", "hey lumen"), ("2", "café")]
    assert [c.word for c in positive_clips(tmp_path, phrases, "HEY-LUMEN")] == ["hey lumen"]
    assert [c.word for c in positive_clips(tmp_path / "Hey_Lumen", phrases)] == ["hey lumen"]


def test_clips_in_speakers_folders_are_those_of_the_word(model: Model, tmp_path: Path) -> None:
    for name in ("yes/1.wav", "yes/ada/2.wav", "no/bob/3.wav", "clips/no/4.wav"):
        write(tmp_path / name)
    assert [(c.path.stem, c.word) for c in positive_clips(tmp_path, model)] == [("1", "yes"), ("2", "yes"), ("3", "no")]
    assert [(c.path.stem, c.word) for c in positive_clips(tmp_path / "no", model)] == [("3", "no")]
    write(tmp_path / "5.wav")
    found = [(c.path.stem, c.word) for c in positive_clips(tmp_path, model, "no")]
    assert found == [("5", "no"), ("3", "no")]


def test_clips_of_a_kind_that_is_not_read_are_named(model: Model, tmp_path: Path) -> None:
    (tmp_path / "yes").mkdir()
    (tmp_path / "yes" / "1.wv").touch()
    for folder in (tmp_path, tmp_path / "yes"):
        with pytest.raises(WakewordError, match=r"it has 1 file that is not read, .*1\.wv: convert with ffmpeg"):
            positive_clips(folder, model)


def test_a_missing_or_ambiguous_word_is_refused(model: Model, tmp_path: Path) -> None:
    write(tmp_path / "takes" / "1.wav")
    with pytest.raises(WakewordError, match="which word is spoken in"):
        positive_clips(tmp_path / "takes", model)
    with pytest.raises(WakewordError, match="doesn't know maybe; it knows yes, no"):
        positive_clips(tmp_path / "takes", model, "maybe")
    with pytest.raises(WakewordError, match="there is no folder"):
        positive_clips(tmp_path / "none", model)
    with pytest.raises(WakewordError, match="holds no clips, nor a folder of clips named yes or no"):
        positive_clips(tmp_path, model)
