"""A phrase that is longer than a clip of Speech Commands, from its spelling to `wakeword listen`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from tests.signals import noise
from tests.wakeword.terminal import Run, wakeword
from tests.wakeword.training.brief import BRIEF
from wakeword.model.file import read_model
from wakeword.networks import fused
from wakeword.synth.espeak_ng import EspeakNg
from wakeword.synth.synthesizer import Synthesizer
from wakeword.synth.voice import Utterance

PHRASE = "good morning kitchen computer"
OTHERS = ["where did you put my shoes", "my computer is far too slow", "it rained for three days", "good evening"]
PAUSE = round(1.5 * SAMPLE_RATE)


def test_a_phrase_of_well_over_a_second_is_heard_and_other_sentences_are_not(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fused.kernel()  # from the cache that it was built in
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    model = tmp_path / "computer.safetensors"
    done = run("train", "--keywords", PHRASE, "--clips", "100", *BRIEF, "--out", model)
    assert done.status == 0, done.err

    takes, others = spoken([PHRASE] * 10, tmp_path), spoken(OTHERS * 2, tmp_path)
    seconds = [len(take) / SAMPLE_RATE for take in takes]
    assert np.median(seconds) > 1.4
    assert read_model(model).provenance["clip_seconds"] > np.quantile(seconds, 0.9)
    assert len(set(heard(model, takes))) >= 7
    assert heard(model, others) == []


def spoken(texts: list[str], folder: Path) -> list[Samples]:
    """Speech that no training has heard."""
    speaker = Synthesizer([EspeakNg()], folder / "fresh", seed=7)
    return [clip.read() for clip in speaker.synthesize([Utterance(text) for text in texts])]


def heard(model: Path, speech: Sequence[Samples]) -> list[int]:
    """The numbers of the pieces of speech, with pauses between them, in which `listen` hears the phrase."""
    hush = (20 * noise(PAUSE / SAMPLE_RATE)).astype(np.int16)
    parts = [part for piece in speech for part in (hush, piece)]
    starts = np.cumsum([0, *map(len, parts)])[1::2]
    stream = np.concatenate([*parts, hush]).astype("<i2").tobytes()
    done = wakeword("listen", "--model", model, "--input", "-", "--json", stdin=stream)
    assert done.returncode == 0, done.stderr
    times = [json.loads(line)["time"] for line in done.stdout.splitlines()]
    return [int(np.searchsorted(starts, time * SAMPLE_RATE)) for time in times]
