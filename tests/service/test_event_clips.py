"""The clip of an event holds the whole word, however long the words of the model are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from featurizer import SAMPLE_RATE
from service.detection.setup import Setup
from service.detection.source import HISTORY, Source
from service.detection.tuning import tuned
from tests.wakeword.models import random_model
from wakeword.data.event_clip import AFTER, samples_before
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model


def model(*words: str, **provenance: object) -> Model:
    return replace(random_model(words=len(words)), labels=("_silence_", "_unknown_", *words), provenance=provenance)


@pytest.mark.parametrize(
    ("words", "provenance", "seconds"),
    [
        (["yes", "no"], {}, 0.8),
        (["hey lumen"], {}, 2.0),
        (["hey lumen"], {"clip_seconds": 1.0}, 1.1),
        (["good morning my dear"], {"clip_seconds": 2.4}, 2.5),
        (["good morning my dear"], {"clip_seconds": 1e9}, 6.1),
        (["good morning my dear"], {"clip_seconds": "2"}, 2.0),
    ],
)
def test_more_is_kept_for_longer_words(words: list[str], provenance: dict[str, object], seconds: float) -> None:
    assert samples_before(model(*words, **provenance)) == round(seconds * SAMPLE_RATE)


def test_a_stream_remembers_as_much_as_a_clip_needs() -> None:
    phrase = model("a long phrase", clip_seconds=6.0)
    longest = Setup((tuned("short", load_model(), {}), tuned("long", phrase, {})))
    source = Source("kitchen", "microphone", longest)
    whole = np.arange(20 * SAMPLE_RATE, dtype=np.int32).astype(np.int16)
    for block in np.split(whole, 200):
        samples = source.prepare(block, longest)
        source.process(block, source.engine.push(samples))
    end = source.history.position - AFTER
    assert len(source.history.between(end - samples_before(phrase), end + AFTER)) == round(6.3 * SAMPLE_RATE)
    assert samples_before(load_model()) + AFTER <= HISTORY
