"""The simulated converter of an Uno, and its pipeline on a computer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.firmware.uno_models import random_uno_model
from tests.signals import at_level, demo_words, tone
from wakeword.errors import WakewordError
from wakeword.inference.uno import UNO_ID, UnoAtRecordings, UnoEngine, load_uno_model, sampled
from wakeword.model.file import read_model, write_model
from wakeword.model.pretrained import load_model


def test_full_scale_of_a_recording_is_the_converters() -> None:
    steps = np.repeat(np.array([-32768, 0, 32767], np.int16), 1000)
    assert [int(sampled(steps)[at]) for at in (400, 900, 1400)] == [0, 512, 1023]


@pytest.mark.parametrize(("hertz", "decibels"), [(300, 0.0), (3400, -3.0)])
def test_the_low_pass_is_that_of_a_resistor_and_a_capacitor(hertz: float, decibels: float) -> None:
    filtered = sampled(at_level(tone(hertz), -1)).astype(float)[100:]
    level = 20 * np.log10((filtered.std() * np.sqrt(2)) / 512) + 1
    assert level == pytest.approx(decibels, abs=1.0)


def test_any_chunks_give_the_same_events() -> None:
    samples, model = sampled(demo_words())[:16000], random_uno_model()
    engine = UnoEngine(model)
    pieces = [engine.push(chunk) for chunk in np.array_split(samples, 37)]
    whole = UnoEngine(model).push(samples)
    assert [event for piece in pieces for event in piece.events] == whole.events != []
    np.testing.assert_array_equal(np.concatenate([piece.hidden for piece in pieces]), whole.hidden)


def test_a_reset_engine_equals_a_new_one() -> None:
    engine = UnoAtRecordings(random_uno_model())
    first = engine.push(demo_words()[:16000])
    engine.reset()
    np.testing.assert_array_equal(engine.push(demo_words()[:16000]).scores, first.scores)


def test_a_model_of_another_front_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "uno.safetensors"
    write_model(random_uno_model(), path, UNO_ID)
    assert load_uno_model(str(path)).labels == random_uno_model().labels
    with pytest.raises(WakewordError, match="was trained on featurizer"):
        read_model(path)
    write_model(load_model(), path)
    with pytest.raises(WakewordError, match="was trained on featurizer"):
        load_uno_model(str(path))
