"""A phrase that is longer than a clip of Speech Commands, from its spelling to `wakeword listen`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from tests.wakeword.terminal import Run
from tests.wakeword.training.roads import heard, trained
from wakeword.model.file import read_model
from wakeword.synth.espeak_ng import EspeakNg
from wakeword.synth.synthesizer import Synthesizer
from wakeword.synth.voice import Utterance

PHRASE = "good morning kitchen computer"
OTHERS = ["where did you put my shoes", "my computer is far too slow", "it rained for three days", "good evening"]


def test_a_phrase_of_well_over_a_second_is_heard_and_other_sentences_are_not(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "computer.safetensors"
    trained(run, PHRASE, model, tmp_path / "cache", monkeypatch)
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
