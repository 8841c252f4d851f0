"""`wakeword info` and `wakeword models`: a model for people on one screen, for programs as one object."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from featurizer import FEATURIZER_ID
from tests.wakeword.models import (
    convolved_model,
    nibble_model,
    random_convolution,
    random_model,
    ternary_model,
)
from tests.wakeword.terminal import Run
from wakeword.errors import ModelError
from wakeword.model.describe import as_object, provenance_lines, summary, table
from wakeword.model.file import write_model
from wakeword.model.pretrained import figures, load_model, shipped_models
from wakeword.model.size import integer_multiplications, model_size


def _row(text: str, title: str) -> str:
    """One row of a summary, its lines joined."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"  {title} "))
    rows = [lines[start].removeprefix(f"  {title}")]
    for line in lines[start + 1 :]:
        if not line.startswith(" " * 14):
            break
        rows.append(line)
    return " ".join(" ".join(rows).split())


@pytest.mark.parametrize("name", sorted(shipped_models()))
def test_a_summary_fits_on_one_screen(name: str) -> None:
    lines = summary(load_model(name), name).splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80


def test_how_synthetic_voices_said_the_words_is_told() -> None:
    said = {"nguyen": ["win", "/ˈŋuːjɛn/"]}
    model = replace(random_model(), provenance={"language": "en-us", "said": said})
    assert _row(summary(model, "mine"), "said") == "in en-us, nguyen as win or /ˈŋuːjɛn/"
    assert _row(summary(replace(model, provenance={"language": "ru"}), "mine"), "said") == "in ru"


@pytest.mark.parametrize("strange", [{"language": 3}, {"language": ["x"] * 9}, {"said": "x"}, {}])
def test_a_provenance_of_another_form_tells_nothing_of_it(strange: dict[str, Any]) -> None:
    assert "  said " not in summary(replace(random_model(), provenance=strange), "mine")


def test_a_long_or_unprintable_way_of_saying_stays_short_and_printable() -> None:
    strange = {"language": "\x1b[31m", "said": {"a": ["x" * 9999, 3], "b": 3}}
    lines = summary(replace(random_model(), provenance=strange), "mine").splitlines()
    assert len(lines) < 24 and all(map(str.isprintable, lines))


def test_the_bytes_of_the_parts_add_up_to_the_total() -> None:
    model = random_model()
    found = as_object(model, "random")
    assert found["bytes"] == sum(found["bytes_by_part"].values())
    assert found["bytes_by_part"] == model_size(model)


def test_a_summary_counts_all_matrices_as_weights() -> None:
    model = random_model()
    sizes = model_size(model)
    weights = sum(sizes[name] for name in ("w1", "w2", "u1", "u2", "head"))
    assert _row(summary(model, "random"), "flash").startswith(f"{sum(sizes.values()):,} bytes: weights {weights:,}, ")


def test_every_keyword_has_a_threshold_and_no_other_label_has_one() -> None:
    model = random_model(words=2)
    assert as_object(model, "random")["thresholds"] == {"word0": 0.2747, "word1": 0.2747}  # 9000 / 32768
    assert _row(summary(model, "random"), "thresholds") == "word0 0.27, word1 0.27"


def test_times_are_in_milliseconds() -> None:
    assert as_object(random_model(), "random")["detector"] == {"smoothing_ms": 40, "refractory_ms": 200}


def test_the_network_is_described_by_its_sizes() -> None:
    model = random_model(hidden=12, rank_w=3, rank_u=5, gate="tanh", frames_per_step=2, evidence=3)
    network = as_object(model, "random")["network"]
    assert (network["hidden"], network["rank_w"], network["rank_u"], network["gate"]) == (12, 3, 5, "tanh")
    assert (network["frames_per_step"], network["evidence_steps"]) == (2, 8)
    assert network["entries"] == 12 * 3 + 3 * 2 * 32 + 12 * 5 + 5 * 12 + 6 * 12
    assert network["multiplications_per_second"] == integer_multiplications(model)
    assert as_object(model, "random")["featurizer"] == f"{FEATURIZER_ID:08x}"


def test_convolutions_are_described_by_their_sizes() -> None:
    model = convolved_model(random_model(), random_convolution(channels=8, bands=4, outputs=10))
    network = as_object(model, "random")["network"]
    assert network["convolution"] == {
        "channels": 8, "bands": 4, "frames": 4, "band_stride": 2, "frame_stride": 2, "outputs": 10
    }  # fmt: skip
    text = " ".join(summary(model, "random").split())
    assert "network convolutions of 8 channels and 10 outputs, FastGRNN, 40 hidden units, ranks 8 and 10" in text
    assert f"convolution {model_size(model)['convolution']}" in text
    assert as_object(random_model(), "random")["network"]["convolution"] is None


def test_the_form_of_the_weights_is_named() -> None:
    model = random_model(hidden=40, rank_w=8, rank_u=10)
    forms = {"int8": model, "int4": nibble_model(model), "ternary": ternary_model(model)}
    assert {form: as_object(made, "random")["network"]["weights"] for form, made in forms.items()} == {
        form: form for form in forms
    }


def test_provenance_is_a_line_for_each_setting() -> None:
    provenance = {"keywords": "google12", "accuracy": 0.9123456, "config": {"seed": 3, "stages": {"sparse": 70}}}
    lines = provenance_lines(replace(random_model(), provenance=provenance))
    assert [line.split() for line in lines] == [
        ["keywords", "google12"],
        ["accuracy", "0.9123"],
        ["config.seed", "3"],
        ["config.stages.sparse", "70"],
    ]


def test_a_provenance_made_to_deceive_a_terminal_is_printed_as_what_it_is() -> None:
    provenance = {"a\nb": "\x1b[2Jgone", "keywords": "\x1b[31m", "training_clips": 3}
    model = replace(random_model(), provenance=provenance)
    assert provenance_lines(model)[0] == r"a\nb            \x1b[2Jgone"
    assert r"3 clips of \x1b[31m" in summary(model, "made up")
    assert "clips of" not in summary(replace(model, provenance={"training_clips": "many"}), "made up")


def test_info_prints_the_summary_the_provenance_or_one_object(run: Run) -> None:
    assert run("info").out == summary(load_model(), "google12") + "\n"
    assert run("info", "google12", "--provenance").out == "\n".join(provenance_lines(load_model())) + "\n"
    assert json.loads(run("info", "digits10", "--json").out) == as_object(load_model("digits10"), "digits10")


def test_the_list_of_models_names_those_of_the_uno_as_another_kind(run: Run) -> None:
    assert run("models").out.endswith("for an Arduino Uno, another kind (export --format uno): uno\n")


def test_models_prints_one_object_a_line_for_programs(run: Run) -> None:
    objects = [json.loads(line) for line in run("models", "--json").out.splitlines()]
    assert [found["name"] for found in objects] == list(shipped_models())


@pytest.mark.parametrize("name", sorted(shipped_models()))
def test_the_figures_of_a_shipped_model_were_measured_on_this_very_file(name: str) -> None:
    assert figures(name)["sha256"] == hashlib.sha256(shipped_models()[name].read_bytes()).hexdigest()


@pytest.fixture
def assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that ships two models, of which one was measured, and a recording."""
    write_model(random_model(1, words=2), tmp_path / "google12.safetensors")
    write_model(random_model(2), tmp_path / "digits10.safetensors")
    measured = {
        "right": [{"title": "test clips", "count": 183, "of": 200}],
        "false_accepts": [
            {"title": "sentences", "count": 3, "hours": 0.5},
            {"title": "dialogue", "count": 0, "hours": 1.0},
        ],
    }
    (tmp_path / "figures.json").write_text(json.dumps({"google12": measured}))
    (tmp_path / "demo.flac").write_bytes(b"")
    monkeypatch.setattr("wakeword.model.pretrained._ASSETS", tmp_path)
    return tmp_path


def test_the_shipped_models_are_listed_with_bytes_measured_figures_and_words(assets: Path) -> None:
    header, digits, google = table(shipped_models()).splitlines()
    assert header.split() == ["name", "bytes", "clips", "right", "false", "accepts", "words"]
    assert digits.split() == ["digits10", _bytes(2), "word0", "word1", "word2", "word3"]
    figures_of_google = ["91.5%", "of", "200", "2.0/h", "in", "1.50", "h"]
    assert google.split() == ["google12", _bytes(1, words=2), *figures_of_google, "word0", "word1"]


def test_a_summary_of_a_measured_model_has_its_figures(assets: Path) -> None:
    measured = _row(summary(load_model("google12"), "google12"), "measured")
    assert measured == "91.5% of 200 test clips right; 2.0 false accepts an hour in 1.50 h"
    assert "measured" not in summary(load_model("digits10"), "digits10")


def _bytes(seed: int, **sizes: Any) -> str:
    return f"{sum(model_size(random_model(seed, **sizes)).values()):,}"


def test_a_model_is_found_by_its_name_and_google12_if_none_is_given(assets: Path) -> None:
    assert load_model("digits10").keywords == ("word0", "word1", "word2", "word3")
    assert load_model().keywords == load_model("google12").keywords == ("word0", "word1")


def test_a_path_is_a_file_even_if_it_ends_like_a_shipped_model(
    assets: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("own")
    write_model(random_model(3, words=1), folder / "google12")
    monkeypatch.chdir(folder)
    assert load_model("./google12").keywords == ("word0",)


def test_a_model_that_is_neither_shipped_nor_a_file_is_refused_with_those_that_are(assets: Path) -> None:
    with pytest.raises(ModelError, match=r"^there is no model 'gogle12': .*: digits10, google12$"):
        load_model("gogle12")
