"""The roads from words to what `listen` hears: a training that takes seconds, and a listener to its model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from tests.signals import noise
from tests.wakeword.terminal import Done, Run, wakeword
from wakeword.networks import fused

# Some hundred batches are enough for dry and loud speech of grown-ups, without rooms, cheap microphones, narrow
# channels or a teacher; and half of the usual negatives, against a few sentences.
_BRIEF = (
    "hidden=48 frames_per_step=2 evidence=3 density=1 batch_size=16 learning_rate=0.01 weight_decay=0 "
    "low_rank=16 sparse=2 quantized=20 validation_interval=19 clips_per_word=100 epochs_per_draw=10 "
    "unknown=3 negatives=3 silence=0.2 carry_probability=0.3 false_accept_loss=0.1 "
    "equalizer=0 noise_probability=0.3 room_probability=0 microphone_probability=0 "
    "channel_probability=0 speed=0.9:1.1 speed_probability=0.5 gain_db=-12:6"
)
# So few clips set no threshold: takes come to 0.8 and more with every seed tried, other sentences to 0.6 at most.
THRESHOLD = "0.7"
_HUSH = (20 * noise(1.5)).astype(np.int16)


def trained(run: Run, phrase: str, out: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, *options: object) -> Done:
    """Train a model of a phrase, by the command."""
    fused.kernel()  # from the cache that it was built in
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    settings = [text for setting in _BRIEF.split() for text in ("--set", setting)]
    done = run("train", "--keywords", phrase, "--preset", "small", "--clips", "100", *settings, *options, "--out", out)
    assert done.status == 0, done.err
    return done


def heard(
    model: Path, speech: Sequence[Samples], word: str | None = None, threshold: str | None = THRESHOLD
) -> list[int]:
    """The numbers, from 1, of the pieces of speech in which `listen` hears the word, or any word.

    As `heard_words`.
    """
    return [number for number, found in heard_words(model, speech, threshold) if word in (None, found)]


def heard_words(model: Path, speech: Sequence[Samples], threshold: str | None = THRESHOLD) -> list[tuple[int, str]]:
    """The words that `listen` hears, each with the number, from 1, of its piece of speech.

    Pauses are between the pieces; what is heard in the first one has the number 0. threshold: None: the model's own.
    """
    parts = [part for piece in speech for part in (_HUSH, piece)]
    starts = np.cumsum([0, *map(len, parts)])[1::2]
    stream = np.concatenate([*parts, _HUSH]).astype("<i2").tobytes()
    options = ("--threshold", threshold) if threshold else ()
    done = wakeword("listen", "--model", model, *options, "--input", "-", "--json", stdin=stream)
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return [(int(np.searchsorted(starts, event["time"] * SAMPLE_RATE)), event["word"]) for event in events]
