"""The shipped model after long streams: three seconds of silence bring its state, scores and words back to rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.signals import demo
from tests.wakeword.long_audio import long_audio
from wakeword.evaluation.endurance import LARGEST_SCORE, LARGEST_STATE, Remainder, remainder
from wakeword.inference import fastgrnn
from wakeword.inference.engine import open_engine
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model

UNIT = 0


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


def at_rest(left: Remainder) -> bool:
    return left.state <= LARGEST_STATE and left.score <= LARGEST_SCORE and not left.stuck


def with_integrator(model: Model) -> Model:
    """Open the gate of one unit forever, but for the limit: it integrates its input."""
    bias_gate = model.bias_gate.copy()
    bias_gate[UNIT] = 32767
    return replace(model, bias_gate=bias_gate)


def with_counter(model: Model, word: str) -> Model:
    """Let that unit count time by nu alone, to its end within a minute, and drive a word's logit alone."""
    bias_update, head = model.bias_update.copy(), np.zeros_like(model.head)
    bias_update[UNIT], head[:, UNIT], head[model.labels.index(word), UNIT] = 32767, -40, 40
    return replace(with_integrator(model), bias_update=bias_update, zeta=0, nu=128, head=head)


@pytest.mark.parametrize("seed", range(3))
def test_minutes_of_music_speech_and_noise_leave_nothing(model: Model, seed: int) -> None:
    assert at_rest(remainder(model, open_engine(model), [long_audio(4, demo(), seed)]))


@pytest.mark.parametrize(
    "last", [np.full(16_000, 32767, np.int16), np.tile(np.array([32767, -32768], np.int16), 8000), demo()[: 16_000 * 2]]
)
def test_the_loudest_and_the_last_of_a_stream_leave_nothing(model: Model, last: np.ndarray) -> None:
    assert at_rest(remainder(model, open_engine(model), [long_audio(1, demo()), last]))


def test_the_limit_of_the_gate_makes_a_unit_forget_that_never_would(model: Model) -> None:
    for faulty in (with_integrator(model), with_counter(model, "stop")):
        assert at_rest(remainder(faulty, open_engine(faulty), [long_audio(1, demo())]))


def test_a_unit_that_never_forgets_is_found(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fastgrnn, "FORGETTING_Q15", 0)
    faulty = with_integrator(model)
    left = remainder(faulty, open_engine(faulty, "numpy"), [long_audio(1, demo())])
    assert left.state > 10 * LARGEST_STATE and not at_rest(left)


def test_a_word_that_stays_up_is_found(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fastgrnn, "FORGETTING_Q15", 0)
    faulty = with_counter(model, "stop")
    assert remainder(faulty, open_engine(faulty, "numpy"), [long_audio(1, demo())]).stuck == ("stop",)
