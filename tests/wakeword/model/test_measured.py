"""The report that a model keeps of its run, its card: bounded, and read with care."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.wakeword.models import random_model
from wakeword.model.export_c import export_c, model_id
from wakeword.model.file import encoded, read_model, write_model
from wakeword.model.measured import KEY, MAX_BYTES, report_of, with_report, without_report

RATE = {"count": 1, "per_hour": 0.7142857, "low": 0.0180, "high": 3.98}


def word_of_report(word: str, points: int = 60) -> dict[str, Any]:
    """A word of `report.json`."""
    curve = [{"threshold": 0.5 + n / 200, "misses": n / 100, "per_hour": 20 / (n + 1)} for n in range(points)]
    return {
        "word": word,
        "threshold": 0.9,
        "misses": {"share": 0.1, "count": 5, "of": 50, "low": 0.0434, "high": 0.2136},
        "false_accepts": RATE,
        "curve": [*curve, {"threshold": 1.0, "misses": None, "per_hour": 0.0}],
        "by": {"voice": [{"name": "af_heart", "misses": 0.1, "of": 10}], "speaker": [], "noise": []},
        "nearest": [{"text": "hey human", "score": 0.8}],
    }


def report(*words: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A report as `report.json` has it."""
    return {
        "format": 1, "number": 3, "good": True, "verdict": "Good enough: it missed 5 of 50 clips of 'word0'.",
        "help": "10 takes of yours would help.", "rule": "Good enough is a model that misses at most 10 %.",
        "hours": 1.4, "hours_of": "sentences by espeak-ng", "words": list(words or (word_of_report("word0"),)),
        "negatives": {"hours": 0.5, "hours_of": "your recordings", **RATE}, "before": None, **changes,
    }  # fmt: skip


def test_a_model_keeps_what_a_card_needs_over_its_file(tmp_path: Path) -> None:
    write_model(with_report(random_model(1, words=1), report()), tmp_path / "model.safetensors")
    kept = report_of(read_model(tmp_path / "model.safetensors"))
    assert kept is not None
    assert (kept.good, kept.hours, kept.negatives_hours) == (True, 1.4, 0.5)
    (word,) = kept.words
    assert (word.word, word.misses.count, word.misses.of, word.false_accepts.per_hour) == ("word0", 5, 50, 0.71429)
    assert len(word.curve) == 24 and (word.curve[0].threshold, word.curve[-1].threshold) == (0.5, 0.795)


def test_the_network_and_what_is_exported_of_it_stay_as_they_were() -> None:
    model = random_model(1, words=1)
    kept = with_report(model, report())
    assert model_id(kept) == model_id(model) and export_c(kept) == export_c(model)
    assert encoded(without_report(kept)) == encoded(model)


def test_a_report_without_clips_hours_or_negatives_is_kept_too() -> None:
    word = word_of_report("word0", points=0)
    word["misses"] = {"share": None, "count": 0, "of": 0, "low": None, "high": None}
    word["false_accepts"] = {"count": 0, "per_hour": None, "low": None, "high": None}
    kept = report_of(with_report(random_model(1, words=1), report(word, negatives=None)))
    assert kept is not None and kept.negatives is None
    assert (kept.words[0].misses.low, kept.words[0].false_accepts.per_hour, kept.words[0].curve) == (None, None, ())


def test_the_card_of_many_words_leaves_curves_out_and_stays_small() -> None:
    words = [word_of_report(f"word{number} {'é' * 90}") for number in range(38)]
    model = with_report(random_model(1, words=1), report(*words))
    kept = report_of(model)
    assert len(json.dumps(model.provenance[KEY])) <= MAX_BYTES
    assert kept is not None and len(kept.words) == 38 and {word.curve for word in kept.words} == {()}


def test_a_model_without_a_report_has_none() -> None:
    assert report_of(random_model()) is None


def _changed(change: Callable[[dict[str, Any]], object]) -> object:
    kept = json.loads(json.dumps(with_report(random_model(1, words=1), report()).provenance[KEY]))
    change(kept)
    return kept


@pytest.mark.parametrize(
    "content",
    [
        None,
        "good",
        [],
        {},
        _changed(lambda it: it.pop("verdict")),
        _changed(lambda it: it.update(verdict=3)),
        _changed(lambda it: it.update(good="yes")),
        _changed(lambda it: it.update(hours=-1.0)),
        _changed(lambda it: it.update(hours=True)),
        _changed(lambda it: it.update(hours=10**400)),
        _changed(lambda it: it.update(words=[])),
        _changed(lambda it: it.update(words=3)),
        _changed(lambda it: it["words"][0].update(curve=[3])),
        _changed(lambda it: it["words"][0]["misses"].update(count=-1)),
        _changed(lambda it: it["words"][0]["misses"].update(count=1e300)),
        _changed(lambda it: it.update(negatives=3)),
        _changed(lambda it: it.update(help="x" * MAX_BYTES)),
    ],
)
def test_a_report_that_can_t_be_understood_is_none(content: object) -> None:
    model = replace(random_model(1, words=1), provenance={KEY: content})
    assert report_of(model) is None


def test_a_text_of_somebody_else_s_file_is_a_line_to_print() -> None:
    kept = report_of(with_report(random_model(1, words=1), report(verdict="good\x1b[2J\nenough")))
    assert kept is not None and kept.verdict.isprintable()
