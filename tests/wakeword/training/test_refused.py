"""Phrases that must not wake a model: they are spoken as negatives, and set thresholds."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest

from wakeword.data.keywords import UNKNOWN, KeywordSet, keyword_set, spoken_in
from wakeword.errors import UsageError
from wakeword.synth.espeak_ng import EspeakNg
from wakeword.synth.synthesizer import Synthesizer
from wakeword.training.corpus import Corpus
from wakeword.training.phrase_corpus import phrase_corpus
from wakeword.training.phrase_speech import PhraseClips, no_progress
from wakeword.training.presets import for_phrases, preset

CONFIG = for_phrases(preset("best"))
WANTED = PhraseClips(positives=10, hard_negatives=4, sentences=3, words=6, command_takes=1, refused=8)
PHRASE = keyword_set("hey lumen")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("spoken")


def made(cache: Path, *refused: str, words: KeywordSet = PHRASE) -> Corpus:
    return phrase_corpus(CONFIG, words, Synthesizer([EspeakNg()], cache), WANTED, refused=refused)


def clips(corpus: Corpus) -> set[bytes]:
    unknown = corpus.keywords.labels.index(UNKNOWN)
    return {clip.tobytes() for clip in corpus.training.samples[corpus.training.labels == unknown]}


def test_refused_phrases_are_negatives_and_the_other_clips_stay_as_they_are(cache: Path) -> None:
    plain, refusing = made(cache), made(cache, "hey human", "good morning")
    new = clips(refusing) - clips(plain)
    assert clips(plain) < clips(refusing) and 10 < len(new) <= 16
    set_thresholds = {clip.tobytes() for clip in refusing.calibration.samples}
    assert new <= set_thresholds
    assert refusing.provenance["refused"] == ["hey human", "good morning"] and "refused" not in plain.provenance


@pytest.mark.parametrize("refused", [(), ("hey human",)])
def test_progress_tells_of_refused_phrases_only_if_there_are_any(cache: Path, refused: tuple[str, ...]) -> None:
    told: dict[str, int] = {}

    def progress(what: str, count: int) -> AbstractContextManager[Callable[[], None]]:
        told[what] = count
        return no_progress(what, count)

    phrase_corpus(CONFIG, PHRASE, Synthesizer([EspeakNg()], cache), WANTED, progress=progress, refused=refused)
    assert told.get("phrases to refuse") == (WANTED.refused if refused else None)
    assert all(told.values())


def test_each_refused_phrase_is_drawn_as_often_as_all_hard_negatives(cache: Path) -> None:
    weights = []
    for count in (1, 2, 9):
        names = [
            f"good {word}"
            for word in ["morning", "evening", "night", "day", "year", "friend", "luck", "food", "idea"][:count]
        ]
        corpus = made(cache, *names)
        assert corpus.strata is not None
        weights.append(corpus.strata.weights[4])  # after the phrase, hard negatives, sentences and words
        assert len(corpus.strata.weights) == 6 + 1  # with silence and running speech
        assert np.isin(4, corpus.strata.of)
    assert weights == [0.25, 0.5, 1.0]


@pytest.mark.parametrize("refused", ["hey loomen", "say hey lumen now", "HEY LUMEN"])
def test_what_holds_the_phrase_cannot_be_refused(cache: Path, refused: str) -> None:
    with pytest.raises(UsageError, match="can't be refused: 'hey lumen' is heard in it; leave one of them out"):
        made(cache, refused)


def test_a_refused_phrase_that_cannot_be_said_is_told(cache: Path) -> None:
    with pytest.raises(UsageError, match="can't read"):
        made(cache, "привет")


def test_a_refused_phrase_is_said_in_the_language_of_the_phrases(cache: Path) -> None:
    words = spoken_in(keyword_set("hallo lampe"), "de", ())
    assert made(cache, "hallo küche", words=words).provenance["refused"] == ["hallo küche"]
