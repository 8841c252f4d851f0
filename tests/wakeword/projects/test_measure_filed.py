"""Of filed false accepts it is told how many still wake a model: of those that it learned, and of those kept."""

from __future__ import annotations

import numpy as np
import pytest

from featurizer.logmel import Samples
from tests.service.live import words_of_demo
from tests.signals import demo
from wakeword.data.examples import Examples
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model
from wakeword.projects.measure_filed import measure_filed

FILED = "_unknown_/false_accepts/"
SILENCE = np.zeros(16_000, np.int16)


def spoken(number: int) -> Samples:
    """A word of the demo recording, which wakes google12."""
    _, frame = words_of_demo()[number]
    return demo()[160 * frame + 400 - 14_000 : 160 * frame + 400 + 2_000]


def examples(clips: dict[str, Samples]) -> Examples:
    return Examples(np.array([*clips.values()], np.int16).reshape(-1, 16_000), np.ones(len(clips), int), tuple(clips))


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("google12")


@pytest.fixture(scope="module")
def deaf(model: Model) -> Model:
    """A model that nothing wakes."""
    return model.with_thresholds(dict.fromkeys(model.keywords, 0.99999))


def test_clips_that_were_learned_and_clips_that_were_kept_are_told_apart(model: Model, deaf: Model) -> None:
    training = examples({f"{FILED}a.flac": spoken(0), f"{FILED}b.flac": SILENCE, "_unknown_/me/c.flac": spoken(1)})
    others = examples({f"{FILED}a.flac": spoken(0), f"{FILED}d.flac": spoken(2), f"{FILED}e.flac": SILENCE})
    found = measure_filed(deaf, training, others, (3, model))
    assert found is not None
    assert found["trained"] == {"count": 0, "of": 2}
    assert found["kept"] == {"count": 0, "of": 2, "low": 0.0, "high": pytest.approx(0.658, abs=1e-3)}
    assert found["before"] == {"number": 3, "trained": 1, "kept": 1}


def test_without_a_run_before_or_without_kept_clips_less_is_told(model: Model) -> None:
    training = examples({f"{FILED}a.flac": spoken(0)})
    found = measure_filed(model, training, training, None)
    assert found == {
        "trained": {"count": 1, "of": 1}, "kept": {"count": 0, "of": 0, "low": None, "high": None}, "before": None,
    }  # fmt: skip
    assert measure_filed(model, examples({}), examples({"_unknown_/me/c.flac": spoken(1)}), None) is None
