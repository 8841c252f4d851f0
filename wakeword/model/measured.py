"""What a model keeps of the report of the run that made it: its card, in the provenance of its file.

A file may come from anybody, so what is read is checked, and has bounds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from wakeword.errors import printable
from wakeword.model.file import MAX_LABELS, Model

KEY = "report"  # in the provenance
MAX_BYTES = 32 << 10  # of JSON
_TEXT = 4000  # characters of a sentence
_POINTS = 24  # of a curve
_DIGITS = 5
_MOST = 1e15  # of a number


@dataclass(frozen=True)
class Share:
    """Clips that were missed. low, high: the 95 % interval of the share; None without clips."""

    count: int
    of: int
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Rate:
    """False accepts. per_hour, low, high: the rate and its 95 % interval; None without hours."""

    count: int
    per_hour: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Point:
    """What another threshold would have given: the share of the clips that it misses, and false accepts an hour."""

    threshold: float
    misses: float
    per_hour: float


@dataclass(frozen=True)
class Word:
    """The figures of a word at its threshold, and its trade-off."""

    word: str
    threshold: float
    misses: Share
    false_accepts: Rate
    curve: tuple[Point, ...]


@dataclass(frozen=True)
class Report:
    """A report. help: what would help most, or "". rule: that of the verdict. hours: of other speech, and what it is.

    negatives: what the project's own recordings without the words raised, with their hours; None without any.
    """

    good: bool
    verdict: str
    help: str
    rule: str
    hours: float
    hours_of: str
    words: tuple[Word, ...]
    negatives: Rate | None
    negatives_hours: float
    negatives_of: str

    def as_json(self) -> dict[str, Any]:
        """Return the fields."""
        return asdict(self)


def with_report(model: Model, report: Mapping[str, Any]) -> Model:
    """Return the model with a report of its run, as `report.json` has it, as far as a card needs it.

    Curves are thinned, and left out if the card would be larger than `MAX_BYTES`.
    """
    negatives = report["negatives"] or {"hours": 0.0, "hours_of": ""}
    kept = {
        **{name: report[name] for name in ("good", "verdict", "help", "rule", "hours", "hours_of")},
        "words": [
            {**{name: word[name] for name in ("word", "threshold")}, **_figures(word), "curve": _thinned(word["curve"])}
            for word in report["words"]
        ],
        "negatives": {name: negatives[name] for name in _names(Rate)} if report["negatives"] else None,
        "negatives_hours": negatives["hours"],
        "negatives_of": negatives["hours_of"],
    }
    kept = _rounded(kept)
    if len(json.dumps(kept)) > MAX_BYTES:
        kept["words"] = [{**word, "curve": []} for word in kept["words"]]
    return replace(model, provenance={**model.provenance, KEY: kept})


def without_report(model: Model) -> Model:
    """Return the model as it was before it got a report."""
    return replace(model, provenance={name: value for name, value in model.provenance.items() if name != KEY})


def report_of(model: Model) -> Report | None:
    """Return the report that a model has; None if it has none, or one that can't be understood."""
    try:
        found = model.provenance[KEY]
        if len(json.dumps(found)) > MAX_BYTES:
            return None
        return _report(found)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _figures(word: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "misses": {name: word["misses"][name] for name in _names(Share)},
        "false_accepts": {name: word["false_accepts"][name] for name in _names(Rate)},
    }


def _thinned(curve: list[dict[str, float | None]]) -> list[dict[str, float | None]]:
    """Return at most `_POINTS` of a curve's points that have all numbers, its ends among them."""
    whole = [point for point in curve if None not in point.values()]
    if len(whole) <= _POINTS:
        return whole
    return [whole[round(number * (len(whole) - 1) / (_POINTS - 1))] for number in range(_POINTS)]


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return round(value, _DIGITS) if isinstance(value, float) else value


def _names(kind: type[Share] | type[Rate]) -> list[str]:
    return [each.name for each in fields(kind)]


def _report(found: dict[str, Any]) -> Report:
    """Raise KeyError, TypeError, ValueError or AttributeError if it has another form."""
    words, negatives = found["words"], found["negatives"]
    if not isinstance(found["good"], bool) or not 1 <= len(words) <= MAX_LABELS:
        raise ValueError("another form")
    return Report(
        good=found["good"],
        verdict=_text(found["verdict"]),
        help=_text(found["help"]),
        rule=_text(found["rule"]),
        hours=_number(found["hours"]),
        hours_of=_text(found["hours_of"]),
        words=tuple(map(_word, words)),
        negatives=None if negatives is None else _rate(negatives),
        negatives_hours=_number(found["negatives_hours"]),
        negatives_of=_text(found["negatives_of"]),
    )


def _word(found: dict[str, Any]) -> Word:
    misses = found["misses"]
    names = [each.name for each in fields(Point)]
    points = [Point(*(_number(point[name]) for name in names)) for point in found["curve"]]
    return Word(
        _text(found["word"]),
        _number(found["threshold"]),
        Share(_count(misses["count"]), _count(misses["of"]), _bound(misses["low"]), _bound(misses["high"])),
        _rate(found["false_accepts"]),
        tuple(points[:_POINTS]),
    )


def _rate(found: dict[str, Any]) -> Rate:
    return Rate(_count(found["count"]), *(_bound(found[name]) for name in ("per_hour", "low", "high")))


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return printable(value, _TEXT)


def _bound(value: Any) -> float | None:
    return None if value is None else _number(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST:
        raise TypeError("no number")
    return float(value)


def _count(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 1 << 53:
        raise TypeError("no count")
    return value
