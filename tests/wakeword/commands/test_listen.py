"""`wakeword listen`: the thresholds that its user sets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.signals import ROOT
from tests.wakeword.terminal import Run
from wakeword.model.file import write_model
from wakeword.model.pretrained import load_model

DEMO = ROOT / "wakeword/assets/demo.flac"


def _words(run: Run, *arguments: str | Path) -> list[str]:
    """The words that it detects in the demo recording."""
    done = run("listen", "--input", DEMO, "--json", *arguments)
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
        ("wow=0.5", "the model has no word 'wow'; its words are yes, no"),
    ],
)
def test_a_threshold_that_makes_no_sense_is_one_line(run: Run, text: str, line: str) -> None:
    done = run("listen", "--input", DEMO, "--threshold", text)
    assert (done.status, done.out) == (2, "")
    assert line in done.err and done.err.count("\n") == 1


def test_a_board_has_thresholds_of_its_own(run: Run) -> None:
    done = run("listen", "--serial", "/dev/null", "--threshold", "0.5")
    assert done.status == 2 and "--serial goes alone" in done.err
