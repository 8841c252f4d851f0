"""The plugin of OpenVoiceOS, found and loaded by the real ovos-plugin-manager."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import wakeword
from tests.processes import run
from tests.signals import ROOT, demo
from wakeword.model.pretrained import load_model

PYTHON = ROOT / ".venv/ovos/bin/python"
MODULE = {"module": "ovos-ww-plugin-wakeword"}


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "demo.raw"
    path.write_bytes(demo().tobytes())
    return path


def detect(samples: Path, word: str, hotwords: dict[str, Any], chunk: int = 4096) -> dict[str, Any]:
    """What the plugin finds in the recording, in OpenVoiceOS's chunks of 4096 bytes, or its error."""
    request = {"word": word, "hotwords": hotwords, "samples": str(samples), "chunk": chunk}
    place = {"HOME": str(samples.parent), "PYTHONPATH": str(ROOT)}
    done = run([PYTHON, Path(__file__).with_name("detect.py")], given=json.dumps(request).encode(), environment=place)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def times(word: str | None = None) -> list[float]:
    """The seconds of the detections of the command line, of one word or of all."""
    return [it.time for it in wakeword.detect(demo(), wakeword.load("google12")) if word in (None, it.word)]


@pytest.mark.parametrize("chunk", [4096, 999])
def test_it_finds_what_listen_finds(samples: Path, chunk: int) -> None:
    found = detect(samples, "commands", {"commands": {**MODULE, "model": "google12"}}, chunk)["found"]
    assert len(found) == len(times()) == 11
    for byte, time in zip(found, times(), strict=True):
        assert 0 <= byte - 2 * 16_000 * time <= chunk


def test_a_name_that_is_a_word_of_the_model_wakes_alone(samples: Path) -> None:
    assert len(detect(samples, "yes", {"yes": {**MODULE, "model": "google12"}})["found"]) == len(times("yes")) == 2


def test_its_name_may_be_another_spelling_of_the_word(samples: Path) -> None:
    assert len(detect(samples, "YES", {"YES": {**MODULE, "model": "google12"}})["found"]) == len(times("yes"))


def test_a_threshold_is_for_all_words_or_by_word(samples: Path) -> None:
    strict = {**MODULE, "model": "google12", "threshold": 0.9999}
    assert detect(samples, "commands", {"commands": strict})["found"] == []
    no_yes = {**strict, "threshold": {"yes": 0.9999}}
    assert len(detect(samples, "commands", {"commands": no_yes})["found"]) == len(times()) - len(times("yes"))


def test_a_phrase_with_underscores_names_its_model(samples: Path) -> None:
    error = detect(samples, "hey_lumen", {"hey_lumen": MODULE})["error"]
    assert error.startswith("there is no model 'hey lumen': give the path of a model file, or a shipped model")
    assert load_model().keywords[0] not in error


def test_a_threshold_that_makes_no_sense_is_one_line(samples: Path) -> None:
    error = detect(samples, "yes", {"yes": {**MODULE, "model": "google12", "threshold": 80}})["error"]
    assert error.startswith("the threshold of yes, 80, is not between 0 and 1")
