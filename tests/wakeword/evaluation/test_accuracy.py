"""Accuracy on clips: the engine's labels, counted, and the JSON of `wakeword eval`."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.wakeword.data.clips import write_clips
from tests.wakeword.models import random_model
from tests.wakeword.tones import write_tones
from wakeword.data.examples import load_examples
from wakeword.data.keywords import KeywordSet
from wakeword.errors import WakewordError
from wakeword.evaluation.accuracy import Evaluation, classify, confusion_matrix, evaluate
from wakeword.inference.engine import open_engine
from wakeword.model.file import Model


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tones(tmp_path_factory.mktemp("tones"), clips=10)


@pytest.fixture
def model() -> Model:
    return replace(random_model(5, words=2), labels=("_silence_", "_unknown_", "low", "high"))


def test_rows_are_true_labels_and_columns_found_labels() -> None:
    counts = confusion_matrix(np.array([0, 0, 1, 2]), np.array([0, 2, 1, 2]), 3)
    assert counts.tolist() == [[1, 0, 1], [0, 1, 0], [0, 0, 1]]


def test_accuracy_follows_from_the_counts() -> None:
    counts = np.array([[3, 1, 0], [0, 0, 0], [1, 0, 5]])
    evaluation = Evaluation("m", ("a", "b", "c"), ("c",), "test", "c", counts)
    assert evaluation.count == 10 and evaluation.accuracy == 0.8
    assert evaluation.per_word == {"a": 0.75, "c": 5 / 6}
    assert evaluation.interval() == pytest.approx((0.4902, 0.9433), abs=1e-4)  # Wilson 1927, 8 of 10


def test_json_has_all_fields(model: Model, data: Path) -> None:
    result = json.loads(json.dumps(evaluate(model, data, split="all", name="tones").as_json()))
    assert result["model"] == "tones" and result["keywords"] == ["low", "high"] and result["split"] == "all"
    assert result["engine"] in ("c", "numpy")
    assert np.sum(result["confusion"]) == result["n"] == 32  # 20 words, 10 others, 2 silences
    assert set(result["per_word"]) == {"_silence_", "_unknown_", "low", "high"}


def test_both_engines_give_the_same_labels(model: Model, data: Path) -> None:
    c, reference = (evaluate(model, data, split="all", engine=engine) for engine in ("c", "numpy"))
    assert np.array_equal(c.confusion, reference.confusion)


def test_each_clip_starts_from_reset(model: Model, data: Path) -> None:
    examples = load_examples(data, KeywordSet("tones", ("low", "high")), "all")
    forward = classify(open_engine(model), examples.samples)
    backward = classify(open_engine(model), examples.samples[::-1])[::-1]
    assert np.array_equal(forward, backward)


def test_clips_of_other_words_are_unknown(model: Model, data: Path) -> None:
    result = evaluate(model, data, split="all", keywords=KeywordSet("low", ("low",)))
    assert dict(zip(result.labels, result.confusion.sum(axis=1).tolist(), strict=True)) == {
        "_silence_": 1,
        "_unknown_": 20,
        "low": 10,
        "high": 0,
    }


def test_a_found_word_outside_the_keywords_counts_as_unknown(model: Model, data: Path) -> None:
    confusion = evaluate(model, data, split="all", keywords=KeywordSet("low", ("low",))).confusion
    assert confusion[:, model.labels.index("high")].sum() == 0


def test_keywords_are_the_models_in_any_spelling(model: Model, data: Path) -> None:
    exact, spelled = (
        evaluate(model, data, split="all", keywords=KeywordSet("", words))
        for words in (("low", "high"), ("Low", "HIGH"))
    )
    assert spelled.keywords == ("low", "high")
    assert np.array_equal(exact.confusion, spelled.confusion)


def test_a_word_that_the_model_does_not_know_is_refused(model: Model, data: Path) -> None:
    with pytest.raises(WakewordError, match="doesn't know up; it knows low, high"):
        evaluate(model, data, keywords=KeywordSet("up", ("up",)))


def test_an_empty_folder_is_refused(model: Model, tmp_path: Path) -> None:
    with pytest.raises(WakewordError, match="holds no clips"):
        evaluate(model, tmp_path)


def test_a_folder_without_test_clips_is_refused_with_the_splits_that_it_has(model: Model, tmp_path: Path) -> None:
    write_clips(tmp_path / "low", [f"ada_nohash_{number}.wav" for number in range(12)])  # shared out: none for the test
    with pytest.raises(WakewordError, match="give --split training or validation or all, or a folder that"):
        evaluate(model, tmp_path)
