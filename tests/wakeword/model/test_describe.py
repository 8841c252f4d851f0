"""`wakeword info` and `wakeword models`: every byte of a model by part, and the shipped models by name."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from featurizer import FEATURIZER_ID
from tests.wakeword.models import nibble_model, random_model, ternary_model
from wakeword.errors import WakewordError
from wakeword.model.describe import describe, table
from wakeword.model.file import write_model
from wakeword.model.pretrained import load_model, shipped_models
from wakeword.model.size import integer_multiplications, model_size


def _section(text: str, title: str) -> dict[str, str]:
    """The rows of a section of `describe`, by name."""
    lines = text.splitlines()
    start = lines.index(title) + 1
    rows = itertools.takewhile(bool, lines[start:])
    return dict(row.split(maxsplit=1) for row in rows)


def test_the_bytes_of_the_parts_add_up_to_the_total() -> None:
    model = random_model()
    rows = _section(describe(model), "flash")
    sizes = {name: int(value.removesuffix(" bytes").split()[-1].replace(",", "")) for name, value in rows.items()}
    assert sizes.pop("total") == sum(sizes.values())
    assert sizes == model_size(model)


def test_a_keyword_has_a_threshold_and_silence_raises_no_event() -> None:
    rows = _section(describe(random_model()), "words")
    assert rows["word0"] == "threshold 0.27"  # 9000 / 32768
    assert rows["_silence_"] == "no event"


def test_times_are_in_milliseconds() -> None:
    rows = _section(describe(random_model()), "detector")
    assert rows == {"smoothing": "40 ms", "refractory": "200 ms"}


def test_the_network_is_told_by_its_sizes() -> None:
    rows = _section(describe(random_model(hidden=12, rank_w=3, rank_u=5, gate="tanh")), "network")
    assert rows["FastGRNN"] == "12 hidden units, rank 3 for W, 5 for U, tanh gate"
    assert rows["featurizer"].startswith(f"{FEATURIZER_ID:08x}, ")
    assert rows["weights"].startswith(f"{12 * 3 + 3 * 32 + 12 * 5 + 5 * 12 + 6 * 12:,}, ")


def test_a_matrix_of_four_bits_is_told_apart() -> None:
    rows = _section(describe(nibble_model(random_model(hidden=40, rank_w=8, rank_u=10))), "flash")
    assert rows["w1"].startswith("40 x 8 int4 ")
    assert "int4" not in describe(random_model(hidden=40, rank_w=8, rank_u=10))


def test_a_ternary_matrix_is_told_apart() -> None:
    rows = _section(describe(ternary_model(random_model(hidden=40, rank_w=8, rank_u=10))), "flash")
    assert rows["w1"].startswith("40 x 8 ternary ")
    assert "ternary" not in rows["head"]


def test_the_work_is_told_in_multiplications() -> None:
    model = random_model()
    work = _section(describe(model), "network")["work"]
    assert work == f"{integer_multiplications(model):,} multiplications for a second of audio"


def test_provenance_is_told_setting_by_setting() -> None:
    provenance = {"keywords": "google12", "accuracy": 0.9123456, "config": {"seed": 3, "stages": {"sparse": 70}}}
    rows = _section(describe(replace(random_model(), provenance=provenance)), "provenance")
    assert rows == {"keywords": "google12", "accuracy": "0.9123", "config.seed": "3", "config.stages.sparse": "70"}


@pytest.fixture
def assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that ships two models and a recording."""
    measured = replace(random_model(1, words=2), provenance={"validation_accuracy": 0.9155})
    write_model(measured, tmp_path / "google12.safetensors")
    write_model(random_model(2), tmp_path / "digits10.safetensors")
    (tmp_path / "demo.flac").write_bytes(b"")
    monkeypatch.setattr("wakeword.model.pretrained._ASSETS", tmp_path)
    return tmp_path


def test_the_shipped_models_are_listed_with_size_accuracy_and_words(assets: Path) -> None:
    header, digits, google = table(shipped_models()).splitlines()
    assert header.split() == ["name", "bytes", "validation", "words"]
    assert digits.split() == ["digits10", _bytes(2), "word0", "word1", "word2", "word3"]
    assert google.split() == ["google12", _bytes(1, words=2), "91.5%", "word0", "word1"]


def _bytes(seed: int, **sizes: int) -> str:
    return f"{sum(model_size(random_model(seed, **sizes)).values()):,}"


def test_a_model_is_found_by_its_name_and_google12_where_none_is_given(assets: Path) -> None:
    assert load_model("digits10").keywords == ("word0", "word1", "word2", "word3")
    assert load_model().keywords == load_model("google12").keywords == ("word0", "word1")


def test_a_path_is_a_file_even_where_it_ends_like_a_shipped_model(
    assets: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("own")
    write_model(random_model(3, words=1), folder / "google12")
    monkeypatch.chdir(folder)
    assert load_model("./google12").keywords == ("word0",)


def test_a_model_that_is_neither_shipped_nor_a_file_is_refused_with_those_that_are(assets: Path) -> None:
    with pytest.raises(WakewordError, match=r"^there is no model gogle12: .*: digits10, google12$"):
        load_model("gogle12")
