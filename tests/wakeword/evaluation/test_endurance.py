"""The shipped model on long streams: what it heard is forgotten in three seconds of silence, and nothing stays up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.signals import demo
from tests.wakeword.long_audio import long_audio
from wakeword.evaluation.endurance import LARGEST_SCORE, LARGEST_STATE, Remainder, remainder
from wakeword.inference import fastgrnn
from wakeword.inference.engine import open_engine
from wakeword.model.bundle import Bundle
from wakeword.model.pretrained import load_model

UNIT = 0


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load_model()


def at_rest(left: Remainder) -> bool:
    return left.state <= LARGEST_STATE and left.score <= LARGEST_SCORE and not left.stuck


def with_integrator(bundle: Bundle) -> Bundle:
    """One unit's gate is open for ever, were there no limit: what it is told adds up."""
    bias_gate = bundle.bias_gate.copy()
    bias_gate[UNIT] = 32767
    return replace(bundle, bias_gate=bias_gate)


def with_counter(bundle: Bundle, word: str) -> Bundle:
    """That unit counts time, besides, to its end within a minute, and a word's logit follows it and nothing else."""
    bias_update, head = bundle.bias_update.copy(), np.zeros_like(bundle.head)
    bias_update[UNIT], head[:, UNIT], head[bundle.labels.index(word), UNIT] = 32767, -40, 40
    return replace(with_integrator(bundle), bias_update=bias_update, nu=128, head=head)


@pytest.mark.parametrize("seed", range(3))
def test_minutes_of_music_speech_and_noise_leave_nothing(bundle: Bundle, seed: int) -> None:
    assert at_rest(remainder(bundle, open_engine(bundle), [long_audio(4, demo(), seed)]))


@pytest.mark.parametrize(
    "last", [np.full(16_000, 32767, np.int16), np.tile(np.int16([32767, -32768]), 8000), demo()[: 16_000 * 2]]
)
def test_the_loudest_and_the_last_of_a_stream_leave_nothing(bundle: Bundle, last: np.ndarray) -> None:
    assert at_rest(remainder(bundle, open_engine(bundle), [long_audio(1, demo()), last]))


def test_the_limit_of_the_gate_makes_a_unit_forget_that_never_would(bundle: Bundle) -> None:
    for faulty in (with_integrator(bundle), with_counter(bundle, "stop")):
        assert at_rest(remainder(faulty, open_engine(faulty), [long_audio(1, demo())]))


def test_a_unit_that_never_forgets_is_found(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fastgrnn, "FORGETTING_Q15", 0)
    faulty = with_integrator(bundle)
    left = remainder(faulty, open_engine(faulty, "numpy"), [long_audio(1, demo())])
    assert left.state > 10 * LARGEST_STATE and not at_rest(left)


def test_a_word_that_stays_up_is_found(bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fastgrnn, "FORGETTING_Q15", 0)
    faulty = with_counter(bundle, "stop")
    assert remainder(faulty, open_engine(faulty, "numpy"), [long_audio(1, demo())]).stuck == ("stop",)
