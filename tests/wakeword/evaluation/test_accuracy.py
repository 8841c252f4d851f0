"""Evaluation counts what the engine says of each clip, and says it in the agreed JSON."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from models import random_model
from tones import write_tones

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


def test_rows_are_what_was_said_and_columns_what_was_heard():
    counts = confusion_matrix(np.array([0, 0, 1, 2]), np.array([0, 2, 1, 2]), 3)
    assert counts.tolist() == [[1, 0, 1], [0, 1, 0], [0, 0, 1]]


def test_accuracy_and_shares_follow_from_the_counts():
    counts = np.array([[3, 1, 0], [0, 0, 0], [1, 0, 5]])
    evaluation = Evaluation("m", ("a", "b", "c"), ("c",), "test", "c", counts)
    assert evaluation.count == 10 and evaluation.accuracy == 0.8
    assert evaluation.per_word == {"a": 0.75, "c": 5 / 6}
    assert evaluation.interval() == pytest.approx((0.4902, 0.9433), abs=1e-4)  # Wilson 1927, 8 of 10


def test_json_has_the_agreed_fields(model: Model, data: Path):
    result = json.loads(json.dumps(evaluate(model, data, split="all", name="tones").as_json()))
    assert result["model"] == "tones" and result["keywords"] == ["low", "high"] and result["split"] == "all"
    assert result["engine"] in ("c", "numpy")
    assert np.sum(result["confusion"]) == result["n"] == 32  # 20 words, 10 others, 2 silences
    assert set(result["per_word"]) == {"_silence_", "_unknown_", "low", "high"}


def test_both_engines_say_the_same(model: Model, data: Path):
    c, reference = (evaluate(model, data, split="all", engine=engine) for engine in ("c", "numpy"))
    assert np.array_equal(c.confusion, reference.confusion)


def test_each_clip_begins_from_reset(model: Model, data: Path):
    examples = load_examples(data, KeywordSet("tones", ("low", "high")), "all")
    forward = classify(open_engine(model), examples.samples)
    backward = classify(open_engine(model), examples.samples[::-1])[::-1]
    assert np.array_equal(forward, backward)


def test_words_that_are_not_asked_for_are_unknown(model: Model, data: Path):
    result = evaluate(model, data, split="all", keywords=KeywordSet("low", ("low",)))
    assert dict(zip(result.labels, result.confusion.sum(axis=1).tolist(), strict=True)) == {
        "_silence_": 1,
        "_unknown_": 20,
        "low": 10,
        "high": 0,
    }


def test_hearing_a_word_that_is_not_asked_for_is_hearing_an_unknown_one(model: Model, data: Path):
    confusion = evaluate(model, data, split="all", keywords=KeywordSet("low", ("low",))).confusion
    assert confusion[:, model.labels.index("high")].sum() == 0


def test_a_word_that_the_model_has_not_learned_is_refused(model: Model, data: Path):
    with pytest.raises(WakewordError, match="doesn't know up; it knows low, high"):
        evaluate(model, data, keywords=KeywordSet("up", ("up",)))


def test_an_empty_folder_is_refused(model: Model, tmp_path: Path):
    with pytest.raises(WakewordError, match="holds no clips"):
        evaluate(model, tmp_path)
