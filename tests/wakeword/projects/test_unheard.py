"""Speech to measure a model by: the same for every run, and never digital silence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from featurizer import SAMPLE_RATE
from wakeword.data.keywords import keyword_set
from wakeword.projects.unheard import near_words, sayable, unheard_talk

WORDS = keyword_set("hey lumen")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty cache, and no voices but espeak-ng's and flite's."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for engine in ("KOKORO", "PIPER"):
        monkeypatch.delenv(f"WAKEWORD_{engine}", raising=False)


def test_the_sentences_are_the_same_for_every_run_and_as_many_as_the_clips_ask_for() -> None:
    talk, what = unheard_talk(WORDS, clips=4)
    assert what == "10 sentences of American English by espeak-ng that it was not trained on"
    assert 10 < len(talk) / SAMPLE_RATE < 60 and talk.dtype == np.int16
    again, _ = unheard_talk(WORDS, clips=4)
    np.testing.assert_array_equal(talk, again)


def test_no_pause_is_digital_silence() -> None:
    talk, _ = unheard_talk(WORDS, clips=4)
    tenths = talk[: len(talk) // 1600 * 1600].reshape(-1, 1600)
    assert (tenths != 0).any(axis=1).all() and np.abs(tenths).max(axis=1).min() < 33  # and quiet


def test_near_words_sound_like_the_phrase_and_what_is_refused_is_among_them() -> None:
    spoken = list(near_words(WORDS, "hey lumen", ("good lamp",), seed=0))
    texts = [text for text, _ in spoken]
    assert texts[:2] == ["good lamp", "good lamp"] and "hello men" in texts
    assert "hey lumen" not in texts and all(len(samples) > 1600 for _, samples in spoken)


def test_a_phrase_that_the_voices_cannot_say_is_known_by_its_recordings_alone() -> None:
    words = keyword_set("красный,hey lumen")
    assert sayable(words) == ["hey lumen"]
    assert len(unheard_talk(words, clips=4)[0])
