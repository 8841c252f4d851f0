"""Words of any script in the commands. The model file has their accents apart, the user types them another way."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest

from tests.signals import ROOT
from tests.wakeword.scripts import WORDS, apart, write_apart
from tests.wakeword.terminal import Run, wakeword
from wakeword.columns import width

DEMO = ROOT / "wakeword/assets/demo.flac"
EVENTS = 11  # in the demo, by google12


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_apart(tmp_path_factory.mktemp("model") / "scripts.safetensors")


def test_events_name_the_words_in_their_composed_form(run: Run, model: Path) -> None:
    words = [
        json.loads(line)["word"]
        for line in run("listen", "--model", model, "--input", DEMO, "--json").out.split("\n")[:-1]
    ]
    assert len(words) == EVENTS and set(words) == set(WORDS)
    assert all(word == unicodedata.normalize("NFC", word) for word in words)


def test_the_scores_of_events_are_in_a_column(run: Run, model: Path) -> None:
    *lines, _ = run("listen", "--model", model, "--input", DEMO).out.splitlines()
    assert len({width(line) for line in lines}) == 1


@pytest.mark.parametrize("spelling", [WORDS[0], apart(WORDS[0]), WORDS[0].upper(), "nguyễn-ơi"])
def test_a_threshold_is_set_by_any_spelling(run: Run, model: Path, spelling: str) -> None:
    done = run("listen", "--model", model, "--input", DEMO, "--json", "--threshold", f"{spelling}=0.9999")
    assert done.status == 0, done.err
    assert {json.loads(line)["word"] for line in done.out.splitlines()} == {*WORDS[1:]}


def test_information_fits_the_screen_and_has_all_words(run: Run, model: Path) -> None:
    text = run("info", model).out
    assert all(width(line) <= 80 for line in text.splitlines()[1:])
    assert all(word.split()[-1] in text for word in WORDS)
    assert tuple(json.loads(run("info", model, "--json").out)["keywords"]) == WORDS


def test_letters_that_the_output_has_no_bytes_for_are_escaped(model: Path) -> None:
    """As on Windows, whose pipes have 256 characters."""
    done = wakeword("listen", "--model", model, "--input", DEMO, environment={"PYTHONIOENCODING": "latin-1"})
    assert (done.returncode, done.stderr) == (0, "")
    assert r"\u4f60\u597d" in done.stdout


def test_a_hook_gets_the_word_in_utf_8_whatever_the_locale(model: Path) -> None:
    plain = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    hook = ["--exec", 'echo "$WAKEWORD_WORD"']
    done = wakeword("listen", "--model", model, "--input", DEMO, "--json", *hook, environment=plain)
    assert done.returncode == 0
    assert sorted(set(done.stderr.splitlines())) == sorted(WORDS)
