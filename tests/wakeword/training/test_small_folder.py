"""Three words, one voice, a dozen takes each, and nothing else: a model that hears them and no other words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.signals import demo
from tests.wakeword.terminal import Run
from tests.wakeword.training.roads import THRESHOLD, heard, heard_words, trained
from wakeword.audio.files import read_audio, to_int16, write_wav
from wakeword.data.keywords import keyword_set
from wakeword.data.splits import split_clips
from wakeword.synth.espeak_ng import EspeakNg
from wakeword.synth.voice import Utterance

WORDS = ("computer", "banana", "window")
TAKES = 12
# Three words take more than one phrase: more epochs of fewer clips, and other microphones than that of the takes.
SETTINGS = (
    "hidden=64 frames_per_step=4 low_rank=30 sparse=15 quantized=35 validation_interval=40 clips_per_word=60 "
    "epochs_per_draw=16 batch_size=20 learning_rate=0.008 ema_decay=0.99 unknown=4 negatives=4 silence=0.5 "
    "carry_probability=0.6 from_silence=0.4 false_accept_loss=0.3 equalizer=0.6 microphone_probability=0.3 "
    "channel_probability=0 noise_probability=0.5"
)


def record(root: Path) -> None:
    """Write the takes of one voice, each at another pace and pitch, with the room before and after the word."""
    engine = EspeakNg()
    voice = engine.draw(np.random.default_rng(1))
    for word in WORDS:
        (root / word).mkdir(parents=True)
        for number, pace in enumerate(np.linspace(0.85, 1.15, TAKES)):
            rng = np.random.default_rng(number)
            own = {**voice.engine_settings, "pitch": int(rng.integers(40, 60))}
            speech = engine.speak(Utterance(word), replace(voice, speed=float(pace), engine_settings=own))
            take = np.pad(speech * (10_000 / np.abs(speech).max()), rng.integers(2000, 6000, 2))
            write_wav(root / word / f"ada_nohash_{number}.wav", to_int16(take + rng.normal(0, 20, len(take))))


def test_a_dozen_takes_of_three_words_become_a_model_that_hears_them_and_no_others(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, model = tmp_path / "mine", tmp_path / "words.safetensors"
    record(mine)
    settings = [text for setting in SETTINGS.split() for text in ("--set", setting)]
    done = trained(run, ",".join(WORDS), model, tmp_path / "cache", monkeypatch, "--data", mine, *settings)
    assert "(validation, synthetic voices and the same voice as in training, " in done.out
    splits = split_clips(mine, keyword_set(",".join(WORDS)))
    takes = [(word, read_audio(clip.path)) for word in WORDS for clip in splits.of(word, "training")]
    assert [word for word, _ in takes] == [word for word in WORDS for _ in range(10)]
    for threshold in (THRESHOLD, None):
        found = heard_words(model, [take for _, take in takes], threshold)
        assert {(number, word) for number, (word, _) in enumerate(takes, 1)} <= set(found), threshold
    assert heard(model, [demo()]) == []
