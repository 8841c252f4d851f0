"""The module under Node detects what the Python package detects: words, scores and frames, to the bit."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wakeword
from tests import processes
from tests.integrations.web.node import Heard, expected, heard, run
from tests.node import NODE
from tests.signals import ROOT, corner_cases, demo, demo_words
from tests.wakeword.models import (
    convolved_model,
    dense_model,
    extreme_convolved_model,
    extreme_model,
    nibble_model,
    random_convolution,
    random_model,
    ternary_model,
)
from tests.wakeword.scripts import WORDS, apart, many_scripts
from wakeword.audio.files import to_int16
from wakeword.model.export_binary import export_binary
from wakeword.model.export_web import export_web
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model

ODD_CHUNKS = [1, 997, 128, 4096, 7, 12_345, 160, 3]
STREAM = np.concatenate([*corner_cases().values(), demo_words()])
MODELS = {
    "google12": load_model("google12"),
    "digits10": load_model("digits10"),
    "sparse": random_model(0),
    "tanh gate, frames per step": random_model(1, gate="tanh", hidden=100, words=10, frames_per_step=2, evidence=3),
    "smallest": random_model(3, hidden=1, rank_w=1, rank_u=1, words=1),
    "dense": dense_model(random_model(9, hidden=37, rank_w=7, rank_u=10)),
    "nibbles": nibble_model(random_model(15, hidden=37, rank_w=7, rank_u=10)),
    "ternary": ternary_model(random_model(8)),
    "convolutions": convolved_model(random_model(17), random_convolution(1)),
    "other convolutions": convolved_model(
        random_model(18), random_convolution(2, bands=3, band_stride=1, frames=2, frame_stride=1, channels=3, outputs=5)
    ),
    "largest": extreme_model(),
    "largest convolutions": extreme_convolved_model(),
    "words of other scripts": replace(
        random_model(4), labels=("_silence_", "_unknown_", "слово", "10", "2", "x" * 200)
    ),
}


def detect(folder: Path, *cases: dict[str, Any]) -> Any:
    """Run cases: each has a model, samples (int16, or float32) and chunks; return what the script prints of each."""
    written = []
    for number, case in enumerate(cases):
        model, samples = case["model"], case["samples"]
        names = {"model": folder / f"{number}.bin", "samples": folder / f"{number}.raw"}
        names["model"].write_bytes(model if isinstance(model, bytes) else export_binary(model))
        names["samples"].write_bytes(samples.tobytes())
        paths = {name: str(path) for name, path in names.items()}
        written.append({"chunks": [16_000], **case, **paths, "floats": samples.dtype == np.float32})
    (folder / "cases.json").write_text(json.dumps(written))
    return run("detect.mjs", folder / "cases.json")


def _heard(result: dict[str, Any]) -> Heard:
    return heard(result["streams"][0])


def test_the_demo_in_chunks_of_any_size_gives_the_events_of_the_python_package(tmp_path: Path) -> None:
    model = load_model("google12")
    (result,) = detect(tmp_path, {"model": model, "samples": demo(), "chunks": ODD_CHUNKS})
    assert _heard(result) == expected(model, demo())
    assert len(_heard(result)) == 11


def test_models_of_every_kind_give_the_events_of_the_python_package(tmp_path: Path) -> None:
    cases = [{"model": model, "samples": STREAM, "chunks": [12_345]} for model in MODELS.values()]
    found = [_heard(result) for result in detect(tmp_path, *cases)]
    assert dict(zip(MODELS, found, strict=True)) == {name: expected(it, STREAM) for name, it in MODELS.items()}
    assert all(found[at] for at, name in enumerate(MODELS) if not name.startswith("largest"))


def test_a_module_that_the_caller_has_compiled_is_taken(tmp_path: Path) -> None:
    (result,) = detect(tmp_path, {"model": load_model("google12"), "samples": demo_words(), "compiled": True})
    assert _heard(result) == expected(load_model("google12"), demo_words()) != []


def test_words_and_thresholds_are_the_model_s_in_its_order(tmp_path: Path) -> None:
    names = ["google12", "words of other scripts"]
    cases = [{"model": MODELS[name], "samples": demo_words()} for name in names]
    for name, result in zip(names, detect(tmp_path, *cases), strict=True):
        assert tuple(result["words"]) == MODELS[name].keywords
        assert result["thresholds"] == MODELS[name].thresholds


@pytest.mark.parametrize(
    "thresholds", [{"yes": 0.9, "go": 0.3}, {"yes": 0.5 + 0.5 / 32768, "no": 0.5 + 1.5 / 32768}, {"up": 0.99999}]
)
def test_thresholds_are_rounded_as_in_python(thresholds: dict[str, float], tmp_path: Path) -> None:
    model = load_model("google12").with_thresholds(thresholds)
    (result,) = detect(tmp_path, {"model": load_model("google12"), "samples": demo(), "thresholds": thresholds})
    assert result["thresholds"] == model.thresholds
    assert _heard(result) == expected(model, demo())


def test_a_word_is_named_in_either_form_of_its_accents(tmp_path: Path) -> None:
    case = {"model": many_scripts(), "samples": demo_words(), "thresholds": {apart(WORDS[0]): 0.5}}
    (result,) = detect(tmp_path, case)
    assert result["words"] == list(WORDS) and result["thresholds"][WORDS[0]] == 0.5


def test_one_threshold_is_for_all_words(tmp_path: Path) -> None:
    (result,) = detect(tmp_path, {"model": load_model("google12"), "samples": demo_words(), "thresholds": 0.25})
    assert set(result["thresholds"].values()) == {0.25}


def test_the_example_of_the_readme_prints_the_detections(tmp_path: Path) -> None:
    for file, data in export_web(load_model("google12")).items():
        (tmp_path / file).write_bytes(data)
    (example,) = re.findall(r"^```js\n(import.*?)^```$", (ROOT / "integrations/web/README.md").read_text(), re.M | re.S)
    (tmp_path / "example.mjs").write_text(example)
    (tmp_path / "package.json").write_text('{ "type": "module" }')
    (tmp_path / "speech.raw").write_bytes(demo().tobytes())
    done = processes.run([NODE, "example.mjs"], cwd=tmp_path)
    found = wakeword.detect(demo(), wakeword.load("google12"))
    assert done.stdout == "".join(f"{one.word} {one.score:.3f} {one.time:.3f}\n" for one in found), done.stderr


def test_after_a_reset_a_stream_begins_anew(tmp_path: Path) -> None:
    (result,) = detect(tmp_path, {"model": load_model("google12"), "samples": demo_words(), "streams": 2})
    first, second = result["streams"]
    assert first == second != []


def test_floats_are_rounded_as_the_python_package_rounds_those_of_files(tmp_path: Path) -> None:
    """To the nearest, half to even, and clipped. The events tell: those of the samples rounded half up are others."""
    model = random_model(0)
    model = replace(model, detector=replace(model.detector, smoothing=0, refractory=0))
    beyond = np.array([np.inf, -np.inf, 2, -2, 1, -1], np.float32)
    floats = np.concatenate([(demo_words() + np.float32(0.5)) / np.float32(32768), np.repeat(beyond, 1000)])
    found = expected(model, to_int16(floats * 32768))
    assert found != expected(model, np.clip(np.floor(floats * 32768 + 0.5), -32768, 32767).astype(np.int16))
    (result,) = detect(tmp_path, {"model": model, "samples": floats, "chunks": ODD_CHUNKS})
    assert _heard(result) == found


def _changed(model: Model, at: int, value: int) -> bytes:
    """The bytes of a model, of which one is changed."""
    data = bytearray(export_binary(model))
    data[at] = value
    return bytes(data)


GOOD = export_binary(load_model("google12"))
BROKEN = {
    "nothing": (b"", "these bytes are no model"),
    "text": (b"<!doctype html> 404", "these bytes are no model"),
    "another file": (bytes(100_000), "these bytes are no model"),
    "truncated": (GOOD[:-4], "the model is damaged"),
    "a header alone": (GOOD[:20], "the model is damaged"),
    "longer": (GOOD + bytes(4), "the model is damaged"),
    "a flipped bit": (_changed(load_model("google12"), 1000, GOOD[1000] ^ 1), "the model is damaged"),
    "another version": (_changed(load_model("google12"), 3, 9), "the model is of another version"),
}


def test_a_broken_model_is_one_clear_line(tmp_path: Path) -> None:
    cases = [{"model": data, "samples": demo_words()} for data, _ in BROKEN.values()]
    for message, (_, wanted) in zip(detect(tmp_path, *cases), BROKEN.values(), strict=True):
        assert message.startswith(wanted) and "; wakeword export --format web writes" in message


@pytest.mark.parametrize(
    ("thresholds", "wanted"),
    [
        ({"banana": 0.5}, 'the model has no word "banana"; its words are yes, no,'),
        ({"yes": 1.5}, "the threshold of yes, 1.5, is not between 0 and 1"),
        ({"yes": "0.5x"}, "the threshold of yes, 0.5x, is not between 0 and 1"),
        (0, "the threshold of yes, 0, is not between 0 and 1"),
        ("0.5", 'the model has no word "0"'),
    ],
)
def test_thresholds_that_can_t_be_are_refused(thresholds: object, wanted: str, tmp_path: Path) -> None:
    (message,) = detect(tmp_path, {"model": GOOD, "samples": demo_words(), "thresholds": thresholds})
    assert wanted in message


def test_wrong_use_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(GOOD)
    assert run("misuse.mjs", tmp_path / "model.bin") == [
        "no model is given; wakeword export --format web writes one",
        "no model is given; wakeword export --format web writes one",
        "model takes bytes (an ArrayBuffer or a Uint8Array) or a URL, not Number",
        "file:///nowhere.bin can't be read: ENOENT: no such file or directory, open '/nowhere.bin'",
        "wakeword.wasm can't be compiled: ...; copy it again, or add 'wasm-unsafe-eval' to the script-src of the "
        "Content-Security-Policy",
        "push takes samples at 16 kHz, an Int16Array or a Float32Array from -1 to 1, not Array",
        "push takes samples at 16 kHz, an Int16Array or a Float32Array from -1 to 1, not Float64Array",
        "push takes samples at 16 kHz, an Int16Array or a Float32Array from -1 to 1, not Undefined",
        "onDetection must be a function, which gets each word",
        "listen needs a browser with AudioWorklet; elsewhere take a Detector",
    ]
