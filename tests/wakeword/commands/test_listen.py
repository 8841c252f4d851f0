"""`wakeword listen`: the thresholds that its user sets, several models, and commands after a wake word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.signals import ROOT
from tests.wakeword.terminal import Run
from wakeword.model.file import write_model
from wakeword.model.pretrained import load_model

DEMO, WAKE_DEMO = (ROOT / f"wakeword/assets/{name}.flac" for name in ("demo", "demo-wake"))


def _words(run: Run, *arguments: str | Path) -> list[str]:
    """The words that it detects in the demo recording, by google12 if no model is named."""
    model = () if "--model" in arguments else ("--model", "google12")
    done = run("listen", "--input", DEMO, "--json", *model, *arguments)
    assert (done.status, done.err) == (0, "")
    return [json.loads(line)["word"] for line in done.out.splitlines()]


def test_a_threshold_for_one_word_is_that_of_a_model_with_it(run: Run, tmp_path: Path) -> None:
    write_model(load_model().with_thresholds({"yes": 0.999}), tmp_path / "quiet.safetensors")
    assert _words(run, "--threshold", "yes=0.999") == _words(run, "--model", tmp_path / "quiet.safetensors")
    assert "yes" in _words(run)
    assert "yes" not in _words(run, "--threshold", "yes=0.9999")


def test_one_threshold_is_for_all_words_and_a_word_s_own_counts_more(run: Run) -> None:
    assert _words(run, "--threshold", "0.9999") == []
    assert set(_words(run, "--threshold", "yes=0.5", "--threshold", "0.9999")) == {"yes"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("high", "--threshold 'high' is neither a number such as 0.7 nor WORD=0.7"),
        ("yes=", "--threshold 'yes=' is neither a number such as 0.7 nor WORD=0.7"),
        ("80", "the threshold of yes, 80, is not between 0 and 1"),
        ("nan", "the threshold of yes, nan, is not between 0 and 1"),
        ("wow=0.5", "there is no word 'wow'; the words are yes, no"),
    ],
)
def test_a_threshold_that_makes_no_sense_is_one_line(run: Run, text: str, line: str) -> None:
    done = run("listen", "--model", "google12", "--input", DEMO, "--threshold", text)
    assert (done.status, done.out) == (2, "")
    assert line in done.err and done.err.count("\n") == 1


def test_a_board_has_thresholds_of_its_own(run: Run) -> None:
    done = run("listen", "--serial", "/dev/null", "--threshold", "0.5")
    assert done.status == 2 and "--serial goes alone" in done.err


# The wake word that is heard if no model is named


def test_without_a_model_a_wake_word_is_heard_and_named(run: Run) -> None:
    done = run("listen", "--input", WAKE_DEMO, "--json")
    assert [json.loads(line)["word"] for line in done.out.splitlines()] == ["computer", "computer"]
    (line,) = done.err.splitlines()
    assert line.startswith("wakeword: the word is computer; choose others by --model")
    assert run("listen", "--input", DEMO, "--json").out == ""


def test_commands_are_heard_only_after_the_wake_word(run: Run) -> None:
    """The recording says stop, computer, right, house, yes, and 7 s after *computer* go; then computer, stop."""
    found = _events(run, "--model", "computer", "--then", "google12", recording=WAKE_DEMO)
    assert [event["word"] for event in found] == ["computer", "right", "yes", "computer", "stop"]


# Several models


def _events(run: Run, *arguments: str | Path, recording: Path = DEMO) -> list[dict[str, Any]]:
    """The events of a recording."""
    done = run("listen", "--input", recording, "--json", *arguments)
    assert (done.status, done.err) == (0, "")
    return [json.loads(line) for line in done.out.splitlines()]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Models of google12's words of which each hears one: *yes* and *left*."""
    folder = tmp_path_factory.mktemp("models")
    paths = {name: folder / f"{name}.safetensors" for name in ("assent", "turn")}
    for path, word in zip(paths.values(), ("yes", "left"), strict=True):
        google12 = load_model()
        write_model(google12.with_thresholds(dict.fromkeys(set(google12.keywords) - {word}, 0.9999)), path)
    return paths


def test_several_models_hear_what_each_hears_alone_and_their_events_are_named(run: Run, two: dict[str, Path]) -> None:
    alone = {name: _events(run, "--model", path) for name, path in two.items()}
    together = _events(run, *(part for path in two.values() for part in ("--model", path)))
    expected = [{"word": it["word"], "model": name, **it} for name, events in alone.items() for it in events]
    assert {event["model"] for event in together} == {"assent", "turn"}
    assert together == sorted(expected, key=lambda event: event["frame"])
    assert all("model" not in event for events in alone.values() for event in events)


def test_a_command_is_heard_after_a_word_of_the_model_only(run: Run, two: dict[str, Path]) -> None:
    """The recording says *yes go left* and, without a *yes* before it, *left* again."""
    every = [event["time"] for event in _events(run, "--model", two["turn"])]
    found = _events(run, "--model", two["assent"], "--then", two["turn"])
    wakes = [event["time"] for event in found if event["model"] == "assent"]
    heard = [event["time"] for event in found if event["model"] == "turn"]
    assert [time for time in every if any(0 < time - wake <= 5 for wake in wakes)] == pytest.approx(heard, abs=0.1)
    assert len(heard) > 0


def test_a_threshold_is_for_the_word_of_any_model(run: Run, two: dict[str, Path]) -> None:
    models = [part for path in two.values() for part in ("--model", path)]
    words = {event["word"] for event in _events(run, *models, "--threshold", "left=0.9999")}
    assert words == {"yes"}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--model", "google12", "--then", "google12"], "the model google12 is given twice; give each once"),
        (["--model", "google12", "--then", "digits10", "--verify", "google12"], "--verify confirms the events of one"),
        (["--serial", "/dev/null", "--then", "digits10"], "--serial goes alone"),
        (["--then", "nowhere"], "there is no model 'nowhere'"),
    ],
)
def test_models_that_do_not_go_together_are_one_line(run: Run, arguments: list[str], line: str) -> None:
    done = run("listen", *arguments)
    assert (done.status, done.out) == (2, "")
    assert line in done.err
