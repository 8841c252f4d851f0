"""What is told of the validation clips while a network learns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.wakeword.tones import write_tones
from wakeword.data.keywords import keyword_set
from wakeword.training.corpus import load_corpus
from wakeword.training.presets import preset
from wakeword.training.validation import clip_errors


def test_the_errors_are_shares_of_the_keywords_and_hours_of_the_others(tmp_path: Path) -> None:
    corpus = load_corpus(preset("small"), keyword_set("low"), write_tones(tmp_path / "tones", clips=20))
    labels = corpus.validation.labels
    words, others = np.flatnonzero(labels == 2), np.flatnonzero(labels != 2)
    assert len(words) == 4 and len(others) >= 4
    found = labels.copy()
    found[words[:1]], found[others[:2]] = 1, 2
    errors = clip_errors(found, corpus)
    assert errors.accuracy == (len(labels) - 3) / len(labels)
    assert errors.missed == 1 / 4 and errors.false_accepts == 2 / (len(others) / 3600)
    only = replace(corpus, validation=corpus.validation.at(labels == 2))
    assert clip_errors(only.validation.labels, only) == (1.0, 0.0, None)
    assert clip_errors(labels[others], replace(corpus, validation=corpus.validation.at(labels != 2)))[1:] == (None, 0.0)
