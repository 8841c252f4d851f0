"""The public API: what `import wakeword` gives, and that it detects what the engines detect."""

from __future__ import annotations

import doctest
import math
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mypy.api
import numpy as np
import pytest

import wakeword
from featurizer import SAMPLE_RATE
from tests.processes import run
from tests.signals import ROOT, demo
from wakeword import api
from wakeword.inference.cascade import CascadeEngine
from wakeword.inference.engine import open_engine
from wakeword.model.pretrained import load_model

DEMO = ROOT / "wakeword/assets/demo.flac"
HEAVY = {"cffi", "click", "numpy", "rich", "safetensors", "sounddevice", "soundfile", "soxr", "torch"}


@pytest.fixture(scope="module")
def model() -> wakeword.Model:
    return wakeword.load("google12")


@pytest.fixture(scope="module")
def expected() -> list[wakeword.Detection]:
    """The detections of the demo recording, by the engine itself."""
    inner = load_model("google12")
    events = open_engine(inner).push(demo()).events
    return [
        wakeword.Detection(inner.labels[event.label], event.score / 32768, event.time, "google12") for event in events
    ]


# The names


def test_the_public_names_are_these() -> None:
    classes = ["Detection", "Detector", "Model"]
    errors = ["DataError", "DeviceError", "ModelError", "UsageError", "WakewordError"]
    assert wakeword.__all__ == sorted([*classes, *errors, "detect", "listen", "load", "models"])


def test_each_public_name_is_there_documented_and_listed() -> None:
    for name in wakeword.__all__:
        assert getattr(wakeword, name).__doc__
        assert name in dir(wakeword)


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'wakeword' has no attribute 'lode'"):
        wakeword.lode  # type: ignore[attr-defined]  # noqa: B018


def test_all_errors_are_wakeword_errors() -> None:
    for error in (wakeword.DataError, wakeword.DeviceError, wakeword.ModelError, wakeword.UsageError):
        assert issubclass(error, wakeword.WakewordError)


def test_importing_wakeword_imports_nothing_heavy() -> None:
    code = "import sys, wakeword; print(*{name.partition('.')[0] for name in sys.modules})"
    imported = set(run([sys.executable, "-c", code], cwd=ROOT).stdout.split())
    assert imported & HEAVY == set()


def test_detecting_in_samples_needs_no_audio_library_and_no_torch() -> None:
    code = "import sys, wakeword; wakeword.load().detector(); print(*sys.modules)"
    imported = set(run([sys.executable, "-c", code], cwd=ROOT).stdout.split())
    assert imported & {"click", "rich", "sounddevice", "soundfile", "soxr", "torch"} == set()


def test_a_type_checker_knows_the_names_and_their_types() -> None:
    usage = Path(__file__).with_name("typed_usage.py")
    said, errors, status = mypy.api.run([str(usage), "--config-file", str(ROOT / "pyproject.toml")])
    assert (said[-500:], errors, status) == ("Success: no issues found in 1 source file\n", "", 0)


def test_the_examples_of_the_docstrings_are_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(DEMO, tmp_path / "speech.flac")
    monkeypatch.chdir(tmp_path)
    result = doctest.testmod(api)
    assert result.attempted > 10
    assert result.failed == 0


# Models


def test_the_shipped_models_are_listed_and_each_can_be_loaded() -> None:
    assert {"google12", "digits10"} <= set(wakeword.models())
    assert all(wakeword.load(name).keywords for name in wakeword.models())


def test_a_model_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(wakeword.ModelError, match=r"no model 'gogle12'.*google12"):
        wakeword.load("gogle12")


def test_a_saved_model_with_other_thresholds_is_loaded_with_them(model: wakeword.Model, tmp_path: Path) -> None:
    model.with_thresholds({"yes": 0.75}).save(tmp_path / "mine.safetensors")
    assert wakeword.load(tmp_path / "mine.safetensors").thresholds == {**model.thresholds, "yes": 0.75}


def test_one_threshold_can_be_set_for_all_words(model: wakeword.Model) -> None:
    assert model.with_thresholds(0.5).thresholds == dict.fromkeys(model.keywords, 0.5)


@pytest.mark.parametrize("threshold", [0.0, 1.0, math.nan, {"yes": 80}, None, [0.5], {"yes": "high"}])
def test_a_threshold_that_is_no_number_between_0_and_1_is_refused(model: wakeword.Model, threshold: Any) -> None:
    with pytest.raises(wakeword.UsageError, match="not between 0 and 1"):
        model.with_thresholds(threshold)


@pytest.mark.parametrize("word", ["perhaps", 1, None])
def test_a_threshold_of_what_is_no_word_of_the_model_is_refused(model: wakeword.Model, word: Any) -> None:
    with pytest.raises(wakeword.ModelError, match=f"no word {word!r}; its words are yes, no"):
        model.with_thresholds({word: 0.5})


@pytest.mark.parametrize("path", [None, 12, b"mine.safetensors"])
def test_a_model_is_saved_at_no_more_than_a_path(model: wakeword.Model, path: Any) -> None:
    with pytest.raises(wakeword.UsageError, match="save takes the path of a file, not "):
        model.save(path)


def test_a_model_is_not_saved_in_place_of_a_folder(model: wakeword.Model, tmp_path: Path) -> None:
    for folder in (tmp_path, "."):
        with pytest.raises(wakeword.DataError, match="is a folder, which can't be written as a file"):
            model.save(folder)


# Detections


def test_a_file_has_the_detections_of_the_engine(model: wakeword.Model, expected: list[wakeword.Detection]) -> None:
    assert len(expected) > 10
    assert wakeword.detect(DEMO, model) == wakeword.detect(str(DEMO), model) == expected


def test_samples_have_the_detections_of_the_file(model: wakeword.Model, expected: list[wakeword.Detection]) -> None:
    assert wakeword.detect(demo(), model) == expected


@pytest.mark.parametrize("chunk", [160, 999, SAMPLE_RATE])
def test_no_chunk_size_changes_a_detection(
    model: wakeword.Model, expected: list[wakeword.Detection], chunk: int
) -> None:
    detector = model.detector()
    chunks = (demo()[start : start + chunk] for start in range(0, len(demo()), chunk))
    assert [found for samples in chunks for found in detector.push(samples)] == expected


def test_every_engine_has_the_same_detections(model: wakeword.Model, expected: list[wakeword.Detection]) -> None:
    samples = demo()[: 5 * SAMPLE_RATE]
    assert model.detector("numpy").push(samples) == model.detector("c").push(samples) == expected[:3]


@pytest.mark.parametrize("name", [None, 12, b"google12"])
def test_a_name_that_is_neither_text_nor_path_is_refused(name: Any) -> None:
    with pytest.raises(wakeword.UsageError, match="the name of a shipped model or the path of a file, not "):
        wakeword.load(name)


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 5000])
def test_a_name_that_no_file_has_is_refused(name: str) -> None:
    with pytest.raises(wakeword.ModelError, match="there is no model"):
        wakeword.load(name)


def test_a_name_in_place_of_a_model_is_refused_with_the_way_to_load_it(model: wakeword.Model) -> None:
    name: Any = "google12"
    for use in (
        lambda: wakeword.detect(demo(), name),
        lambda: wakeword.detect(demo(), model, verifier=name),
        lambda: wakeword.listen(name),
        lambda: model.detector(verifier=name),
        lambda: wakeword.Model(name),
    ):
        with pytest.raises(wakeword.UsageError, match=r"wakeword\.load"):
            use()


def test_an_unknown_engine_is_refused_with_those_that_are_known(model: wakeword.Model) -> None:
    with pytest.raises(wakeword.UsageError, match="no engine 'rust'; choose auto, c or numpy"):
        model.detector("rust")  # type: ignore[arg-type]


def test_a_reset_detector_begins_at_time_zero(model: wakeword.Model, expected: list[wakeword.Detection]) -> None:
    detector = model.detector()
    detector.push(demo()[:50_000])
    detector.reset()
    assert detector.push(demo()) == expected


def test_a_lower_threshold_detects_sooner(model: wakeword.Model, expected: list[wakeword.Detection]) -> None:
    assert wakeword.detect(demo(), model.with_thresholds(0.2))[0].time < expected[0].time


def test_several_models_detect_what_each_detects_alone(
    model: wakeword.Model, expected: list[wakeword.Detection]
) -> None:
    digits = wakeword.load("digits10").with_thresholds(0.2)
    alone = wakeword.detect(demo(), digits)
    assert {found.model for found in alone} == {"digits10"}
    assert wakeword.detect(demo(), [model, digits]) == sorted(expected + alone, key=lambda found: found.time)


def test_commands_are_detected_within_five_seconds_after_a_word_of_the_model(
    model: wakeword.Model, tmp_path: Path
) -> None:
    wake = model.with_thresholds(dict.fromkeys(set(model.keywords) - {"yes"}, 0.9999))
    wake.save(tmp_path / "wake.safetensors")
    found = wakeword.detect(demo(), wakeword.load(tmp_path / "wake.safetensors"), then=model)
    wakes = [each.time for each in found if each.model == "wake"]
    commands = [each.time for each in found if each.model == "google12"]
    assert commands and wakes
    assert all(any(0 < time - wake <= 5 for wake in wakes) for time in commands)
    assert len(commands) < len(wakeword.detect(demo(), model))


def test_models_that_do_not_go_together_are_refused(model: wakeword.Model) -> None:
    digits = wakeword.load("digits10")
    with pytest.raises(wakeword.UsageError, match="the model google12 is given twice"):
        wakeword.Detector([model, model])
    with pytest.raises(wakeword.UsageError, match="a verifier checks the detections of one model"):
        wakeword.Detector([model, digits], verifier=model)
    with pytest.raises(wakeword.UsageError, match="no model is given"):
        wakeword.Detector([])


def test_a_verifier_confirms_or_refuses_as_the_cascade_does(model: wakeword.Model) -> None:
    inner = load_model("google12")
    confirmed = CascadeEngine(inner, inner).push(demo()).events
    assert [found.time for found in wakeword.detect(demo(), model, model)] == [event.time for event in confirmed]


def test_a_verifier_that_lacks_a_word_is_refused(model: wakeword.Model) -> None:
    with pytest.raises(wakeword.ModelError, match="lacks the word 'yes'"):
        model.detector(verifier=wakeword.load("digits10"))


# What isn't a stream of int16 at 16 kHz


@pytest.mark.parametrize(
    ("samples", "way_out"),
    [
        (np.zeros(160), r"not float64; .*np.clip\(32768 \* samples"),
        (np.zeros(160, np.float32), r"not float32; .*np.clip"),
        (np.zeros(160, np.int32), r"not int32; .*samples.astype\(np.int16\)"),
        (np.zeros(160, ">i2"), r"not >i2; .*samples.astype\(np.int16\)"),
        (np.zeros((160, 2), np.int16), r"not \(160, 2\); .*samples.mean\(axis=1\)"),
        (np.int16(0), r"shape \(n,\), not \(\)"),
        (bytes(320), r"not bytes; .*np.frombuffer\(data, np.int16\)"),
        (bytearray(320), r"not bytes; .*np.frombuffer\(data, np.int16\)"),
        (memoryview(bytes(320)), r"not bytes; .*np.frombuffer\(data, np.int16\)"),
        ([1, 2, 3], r"not list; .*np.array\(samples, np.int16\)"),
        ([[1], [1, 2]], "not list; wakeword.detect reads audio files"),
        ("speech.flac", "not str; wakeword.detect reads audio files"),
        (None, "not NoneType; wakeword.detect reads audio files"),
    ],
)
def test_other_samples_are_refused_with_the_way_to_convert_them(
    model: wakeword.Model, samples: np.ndarray, way_out: str
) -> None:
    with pytest.raises(wakeword.UsageError, match=way_out):
        model.detector().push(samples)


def test_a_file_that_is_no_audio_is_a_data_error(model: wakeword.Model) -> None:
    with pytest.raises(wakeword.WakewordError, match="not an audio file"):
        wakeword.detect(__file__, model)


# The microphone


class Microphone:
    """In place of the microphone: blocks of the demo recording. It knows whether it was closed."""

    def __init__(self) -> None:
        self.device: str | None = "none yet"
        self.open = False

    def __call__(self, device: str | None, say: object) -> Iterator[np.ndarray]:
        self.device, self.open = device, True
        try:
            yield from (demo()[start : start + 800] for start in range(0, len(demo()), 800))
            raise wakeword.DeviceError("the microphone has gone away")
        finally:
            self.open = False


@pytest.fixture
def microphone(monkeypatch: pytest.MonkeyPatch) -> Microphone:
    played = Microphone()
    monkeypatch.setattr("wakeword.audio.microphone.microphone", played)
    return played


def test_the_microphone_gives_each_detection_and_its_end_is_an_error(
    model: wakeword.Model, expected: list[wakeword.Detection], microphone: Microphone
) -> None:
    found: list[wakeword.Detection] = []
    with pytest.raises(wakeword.DeviceError, match="gone away"):
        found.extend(wakeword.listen(model, "USB"))
    with pytest.raises(wakeword.DeviceError):
        for detection in wakeword.listen(model, "USB"):
            found.append(detection)
    assert found[-len(expected) :] == expected
    assert microphone.device == "USB"


def test_closing_the_iterator_closes_the_microphone(model: wakeword.Model, microphone: Microphone) -> None:
    detections = wakeword.listen(model)
    assert next(detections).word == "yes"
    assert microphone.open
    detections.close()
    assert not microphone.open


def test_leaving_the_loop_closes_the_microphone(model: wakeword.Model, microphone: Microphone) -> None:
    for _ in wakeword.listen(model):
        break
    assert not microphone.open


def test_without_sounddevice_the_extra_that_brings_it_is_named(
    model: wakeword.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(wakeword.DeviceError, match=r"sounddevice is not installed; .*wakeword\[mic\]"):
        next(wakeword.listen(model))
