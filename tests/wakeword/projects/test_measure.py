"""The figures of a model: who is missed, in which noise, what wakes it, and the trade-off through its own threshold."""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np
import pytest

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from tests.signals import noise
from wakeword.data.examples import Examples
from wakeword.evaluation.scoring import Counts, count_detections
from wakeword.inference.engine import open_engine
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model
from wakeword.projects import measure as module
from wakeword.projects.measure import Sounds, hear, is_synthetic, measure, rate
from wakeword.synth.espeak_ng import EspeakNg
from wakeword.synth.synthesizer import Synthesizer
from wakeword.synth.voice import Utterance

QUIET = (5 * noise(3.0, seed=1)).astype(np.int16)
HISS = (3000 * noise(2.0)).astype(np.int16)


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model("computer")


@pytest.fixture(scope="module")
def heard(model: Model, tmp_path_factory: pytest.TempPathFactory) -> list[Samples]:
    """Four clips of the word that wake the model."""
    synthesizer = Synthesizer([EspeakNg()], tmp_path_factory.mktemp("spoken"))
    found: list[Samples] = []
    for clip in synthesizer.synthesize([Utterance("computer")] * 20):
        if hear(model, open_engine(model), np.concatenate([QUIET, clip.read(), QUIET])).detections:
            found.append(np.pad(clip.read(), (0, 24_000))[:24_000])
    return found[:4]


def sounds(model: Model, clips: dict[str, Samples], talk: Samples = HISS) -> Sounds:
    label = model.labels.index("computer")
    examples = Examples(np.array(list(clips.values())), np.full(len(clips), label, np.int64), tuple(clips))
    return Sounds(examples, talk, [HISS], [], {})


def test_misses_are_told_by_voice_speaker_and_noise(model: Model, heard: list[Samples]) -> None:
    silent = (30 * noise(1.5, seed=3)).astype(np.int16)
    clips = {
        "computer/espeak-ng-a#0": heard[0],
        "computer/espeak-ng-a#1": silent,
        "computer/espeak-ng-b#2": heard[1],
        "computer/ada/1.wav": heard[2],
        "computer/ada/2.wav": heard[3],
        "computer/bob_nohash_1.wav": silent,
    }
    (figures,) = measure(model, sounds(model, clips))
    assert figures["word"] == "computer" and figures["threshold"] == pytest.approx(model.thresholds["computer"])
    assert (figures["misses"]["count"], figures["misses"]["of"]) == (2, 6)
    assert figures["misses"]["low"] < 2 / 6 < figures["misses"]["high"]
    assert figures["by"]["voice"] == [
        {"name": "espeak-ng-a", "misses": 0.5, "of": 2},
        {"name": "espeak-ng-b", "misses": 0.0, "of": 1},
    ]
    assert figures["by"]["speaker"] == [
        {"name": "bob", "misses": 1.0, "of": 1},
        {"name": "ada", "misses": 0.0, "of": 2},
    ]
    noises = {each["name"]: each["misses"] for each in figures["by"]["noise"]}
    assert list(noises) == ["near silence", "noise 10 dB below", "noise 3 dB below"]  # nobody talks here
    assert noises["near silence"] == 2 / 6


def test_a_recording_with_a_number_sign_in_its_name_is_a_speaker_s(model: Model, heard: list[Samples]) -> None:
    clips = {"computer/me/take #1.wav": heard[0], "computer/#2.wav": heard[1], "computer/piper-x#3": heard[2]}
    (figures,) = measure(model, sounds(model, clips))
    assert sorted(each["name"] for each in figures["by"]["speaker"]) == ["#2.wav", "me"]
    assert [each["name"] for each in figures["by"]["voice"]] == ["piper-x"]
    assert [is_synthetic(name) for name in clips] == [False, False, True]


def test_the_counts_at_every_threshold_are_kept_of_one_clip_at_a_time(
    model: Model, heard: list[Samples], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of all clips of many phrases are gigabytes, after hours of training."""
    made: list[weakref.ref[Counts]] = []
    alive: list[int] = []

    def counted(*given: Any) -> Counts:
        alive.append(sum(each() is not None for each in made))
        counts = count_detections(*given)
        made.append(weakref.ref(counts))
        return counts

    monkeypatch.setattr(module, "count_detections", counted)
    measure(model, sounds(model, {f"computer/piper-x#{number}": clip for number, clip in enumerate(heard)}))
    assert len(alive) == 3 * len(heard) + 1 and max(alive) <= 1


def test_other_speech_that_wakes_it_is_counted_by_the_hour(model: Model, heard: list[Samples]) -> None:
    said = np.concatenate([part for clip in heard for part in (QUIET, clip)] + [QUIET])
    talk = said + (5 * noise(len(said) / SAMPLE_RATE, seed=2)).astype(np.int16)
    (figures,) = measure(model, sounds(model, {"computer/ada/1.wav": heard[0]}, talk))
    hours = len(talk) / SAMPLE_RATE / 3600
    assert figures["false_accepts"] == rate(4, hours)
    assert figures["false_accepts"]["per_hour"] == pytest.approx(4 / hours)
    assert figures["false_accepts"]["low"] < 4 / hours < figures["false_accepts"]["high"]


def test_the_curve_falls_in_false_accepts_and_rises_in_misses(model: Model, heard: list[Samples]) -> None:
    clips = {f"computer/espeak-ng-a#{number}": clip for number, clip in enumerate(heard)}
    (figures,) = measure(model, sounds(model, clips))
    points = figures["curve"]
    thresholds = [point["threshold"] for point in points]
    assert thresholds == sorted(thresholds) and 1 <= len(points) <= 60
    assert points[0]["misses"] == 0.0 and points[-1]["per_hour"] == 0.0


def test_the_words_that_come_nearest_are_ranked_by_their_loudest_voice(model: Model, heard: list[Samples]) -> None:
    near = [("commuter", HISS), ("computer", heard[0]), ("commuter", heard[1]), ("hiss", HISS)]
    given = sounds(model, {"computer/ada/1.wav": heard[0]})
    (figures,) = measure(model, Sounds(given.clips, given.talk, (), (), {"computer": near}))
    named = [each["text"] for each in figures["nearest"]]
    assert sorted(named[:2]) == ["commuter", "computer"] and named[2] == "hiss"
    assert figures["nearest"][1]["score"] > 0.5 > figures["nearest"][2]["score"]


def test_without_clips_or_hours_there_are_no_shares(model: Model) -> None:
    nothing = np.zeros((0, 16_000), np.int16)
    empty = Sounds(Examples(nothing, np.zeros(0, np.int64), ()), nothing.reshape(-1), (), (), {})
    (figures,) = measure(model, empty)
    assert figures["misses"] == {"share": None, "count": 0, "of": 0, "low": None, "high": None}
    assert figures["false_accepts"]["per_hour"] is None and figures["by"]["noise"] == []
