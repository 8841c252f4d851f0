"""The card of a model, and the page of all cards of shipped ones."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench.cards.__main__ import _write_figures
from bench.cards.measure import STREAMS, Sources, measured
from bench.cards.page import PAGE, page
from tests.signals import demo
from tests.wakeword.model.test_measured import report
from tests.wakeword.models import random_model
from tests.wakeword.terminal import Run
from wakeword.audio.files import write_wav
from wakeword.evaluation.card import card
from wakeword.model.file import Model, write_model
from wakeword.model.measured import with_report
from wakeword.model.pretrained import load_model

PROVENANCE = {
    "language": "de",
    "said": {"word0": ["wörd null", "/vœrt nʊl/"]},
    "config": {"seed": 3},
    "training_clips": 12345,
    "synthetic_clips": 2230,
    "voices": {"Apache-2.0": ["kokoro af_heart", "kokoro am_adam"], "BSD": ["flite slt"]},
    "negatives": {"of": ["sky"], "hours": 2.22},
}
FIGURES = {
    "made_by": "wakeword train --keywords word0",
    "right": [{"title": "real people", "count": 90, "of": 100, "command": "-"}],
    "false_accepts": [{"title": "English dialogue", "count": 2, "hours": 4.0, "command": "-"}],
}


@pytest.fixture
def assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that ships a measured model of one word."""
    write_model(replace(random_model(1, words=1), provenance=PROVENANCE), tmp_path / "word0.safetensors")
    (tmp_path / "figures.json").write_text(json.dumps({"word0": FIGURES}))
    monkeypatch.setattr("wakeword.model.pretrained._ASSETS", tmp_path)
    return tmp_path


def test_a_card_says_how_a_model_was_made_and_how_well_it_hears_with_intervals(assets: Path, run: Run) -> None:
    rows = card(load_model("word0"), "word0")
    assert ("made by", "wakeword train --keywords word0") in rows
    assert ("seed", "3") in rows
    assert ("trained on", "12,345 clips, 2,230 of synthetic speech, 2.22 h of running speech (sky)") in rows
    assert ("language", "de; word0 as wörd null, /vœrt nʊl/") in rows
    assert ("voices", "2 of kokoro (Apache-2.0); 1 of flite (BSD)") in rows
    assert ("right", "real people: 90.0% of 100 (82.6% to 94.5%)") in rows  # Wilson's interval
    dialogue = "English dialogue: 2 in 4.00 h, 0.5 an hour (0.1 to 1.8)"  # Garwood's
    assert ("false accepts", dialogue) in rows
    assert dialogue in " ".join(run("models", "word0").out.split())
    assert json.loads(run("models", "word0", "--json").out)["figures"] == FIGURES


def test_how_a_model_was_made_is_written_by_hand_and_outlasts_a_measurement(
    assets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bench.cards.__main__._FIGURES", assets / "figures.json")
    new: dict[str, Any] = {"sha256": "-", "right": [], "false_accepts": []}
    _write_figures("word0", new)
    written = json.loads((assets / "figures.json").read_text())["word0"]
    assert written == {"made_by": FIGURES["made_by"], **new}


def test_the_card_of_a_model_that_does_not_ship_is_refused_with_those_that_do(assets: Path, run: Run) -> None:
    done = run("models", "word9")
    assert (done.status, done.err) == (
        2,
        "wakeword: no model 'word9' ships; choose one of word0, or give the path of a model file\n",
    )


def test_the_card_of_a_model_of_ones_own_has_no_figures() -> None:
    titles = [title for title, _ in card(random_model(), "mine")]
    assert titles == ["thresholds", "flash", "work"]


def _of_project() -> Model:
    """A model that a project has made, at the threshold at which it was measured."""
    made = random_model(1, words=1).with_thresholds({"word0": 0.9})
    return with_report(replace(made, provenance=PROVENANCE), report())


def test_the_card_of_a_project_s_model_has_the_report_of_its_training() -> None:
    rows = card(_of_project(), "mine")
    assert ("verdict", "Good enough: it missed 5 of 50 clips of 'word0'.") in rows
    assert ("would help", "10 takes of yours would help.") in rows
    assert ("misses", "word0 at 0.90: 5 of 50 clips that were kept from training, 10.0% (4.3% to 21.4%)") in rows
    heard = "word0 at 0.90: 1 in 1.40 h of sentences by espeak-ng, 0.7 an hour (0.0 to 4.0)"
    assert ("false accepts", heard) in rows
    assert ("false accepts", "all words: 1 in 0.50 h of your recordings, 0.7 an hour (0.0 to 4.0)") in rows
    assert ("voices", "2 of kokoro (Apache-2.0); 1 of flite (BSD)") in rows and ("seed", "3") in rows
    assert "but" not in dict(rows)


def test_a_card_says_that_thresholds_have_changed_since() -> None:
    changed = _of_project().with_thresholds({"word0": 0.8})
    assert dict(card(changed, "mine"))["but"] == "it was measured at other thresholds than it has now"


def test_models_and_info_show_the_report_of_a_file(tmp_path: Path, run: Run) -> None:
    write_model(_of_project(), tmp_path / "hey lumen-1.safetensors")
    done = run("models", tmp_path / "hey lumen-1.safetensors")
    assert done.status == 0 and done.out.startswith("hey lumen-1\n")
    assert "Good enough: it missed 5 of 50 clips of 'word0'." in " ".join(done.out.split())
    assert "Good enough: it missed 5 of 50" in run("info", tmp_path / "hey lumen-1.safetensors").out
    assert "rule" not in run("info", "--provenance", tmp_path / "hey lumen-1.safetensors").out


def test_a_model_is_not_measured_on_a_stream_that_it_was_trained_on(tmp_path: Path, assets: Path) -> None:
    for folder in (*(f"OUT/{stream}" for stream in STREAMS), "sentences"):
        (tmp_path / folder).mkdir(parents=True)
        write_wav(tmp_path / folder / "all.wav", demo()[:32_000])
    provenance = {**PROVENANCE, "negatives": {"of": ["drascula"], "hours": 0.9}}
    write_model(replace(random_model(1, words=1), provenance=provenance), assets / "word0.safetensors")
    nothing = tmp_path / "nothing"
    sources = Sources(tmp_path / "OUT", tmp_path / "sentences", nothing, nothing, nothing)
    found = measured("word0", sources, jobs=1)["false_accepts"]
    titles = [stream["title"] for stream in found]
    assert titles == ["English sentences", *(title for name, title in STREAMS.items() if name != "drascula")]
    assert found[1]["command"] == "wakeword eval word0 --stream OUT/sky"


@pytest.mark.parametrize(
    "provenance",
    [
        {"config": []},
        {"config": None},
        {"training_clips": 10**400, "synthetic_clips": True},
        {"negatives": {}},
        {"negatives": {"hours": "2", "of": []}},
        {"negatives": {"hours": 10**400, "of": []}},
        {"negatives": {"hours": 2, "of": [1]}},
        {"voices": ["kokoro af_heart"]},
        {"voices": {"MIT": [""]}},
        {"voices": {"MIT": 3}},
        {"said": {"word0": 1}},
        {"said": {"word0": [1]}},
    ],
)
def test_the_card_of_somebody_else_s_file_leaves_out_what_has_another_form(provenance: dict[str, Any]) -> None:
    whole = dict(card(random_model(1, words=1), "word0"))
    found = dict(card(replace(random_model(1, words=1), provenance=provenance), "word0"))
    assert whole.items() <= found.items()


@pytest.mark.parametrize(("real", "who"), [(True, "real people"), (False, "synthetic voices")])
def test_clips_of_synthetic_voices_stand_for_those_of_people_only_if_there_are_none(
    tmp_path: Path, assets: Path, real: bool, who: str
) -> None:
    for folder in ["SPOKEN/word0", "DATA/_background_noise_", *(["WAKEWORDS/word0"] if real else [])]:
        (tmp_path / folder).mkdir(parents=True)
        write_wav(tmp_path / folder / "kokoro-af_sky_nohash_1.wav", demo()[:16_000])
    write_model(replace(random_model(1, words=1), provenance=PROVENANCE), assets / "word0.safetensors")
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    for stream in STREAMS:
        (nothing / stream).mkdir()
        write_wav(nothing / stream / "all.wav", demo()[:16_000])
    sources = Sources(nothing, nothing / "sky", tmp_path / "WAKEWORDS", tmp_path / "SPOKEN", tmp_path / "DATA")
    right = measured("word0", sources, jobs=1)["right"]
    conditions = (
        "",
        ", in noise at 10 dB",
        ", while others talk at 10 dB",
        ", 1.2 times as fast and high",
        ", through a telephone",
    )
    assert [share["title"] for share in right if share["title"] in {f"{who}{each}" for each in conditions}] == [
        f"{who}{each}" for each in conditions
    ]
    assert all(share["title"].startswith(who) for share in right)
    folder = "WAKEWORDS" if real else "SPOKEN"
    assert right[0]["command"] == f"wakeword eval word0 --positives {folder}/word0"
    assert right[-1]["command"].endswith(f"{folder}/word0 --band 300:3400")


def test_the_page_of_models_is_what_the_figures_give() -> None:
    assert PAGE.read_text("utf-8") == page(), "write it anew: python -m bench.cards --page"
