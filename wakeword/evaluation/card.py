"""The card of a model: what it is, what it was made of, and how well it hears, with intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from wakeword.errors import printable
from wakeword.evaluation.intervals import poisson_interval, wilson
from wakeword.model.file import Model
from wakeword.model.measured import Rate, Share, report_of
from wakeword.model.pretrained import figures
from wakeword.model.size import integer_multiplications, model_size


def card(model: Model, name: str) -> list[tuple[str, str]]:
    """Return the rows of a card, each with a title.

    Rows of figures are there for a shipped model, and for one that a project has made: those of its report. Intervals
    are at 95 %: Wilson's of shares, Garwood's of rates.
    """
    found = figures(name)
    return [
        row for row in (*_of_model(model), *_of_making(model, found), *_of_figures(found), *_of_report(model)) if row[1]
    ]


def _of_model(model: Model) -> Iterator[tuple[str, str]]:
    yield "thresholds", ", ".join(f"{word} {threshold:.2f}" for word, threshold in model.thresholds.items())
    yield "flash", f"{sum(model_size(model).values()):,} bytes"
    yield "work", f"{integer_multiplications(model):,} multiplications per second of audio"


def _of_making(model: Model, found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    provenance = model.provenance
    yield "made by", printable(found.get("made_by", ""))
    seed = _object(provenance.get("config")).get("seed")
    yield "seed", "" if seed is None else printable(seed)
    clips, spoken = provenance.get("training_clips"), provenance.get("synthetic_clips")
    parts = [f"{clips:,} clips"] if _is_number(clips) else []
    parts += [f"{spoken:,} of synthetic speech"] if _is_number(spoken) else []
    negatives = _object(provenance.get("negatives"))
    if _is_number(hours := negatives.get("hours")):
        parts.append(f"{hours:g} h of running speech ({', '.join(_texts(negatives.get('of')))})")
    yield "trained on", printable(", ".join(parts), 1000)
    yield "language", _language(provenance)
    yield "voices", _voices(_object(provenance.get("voices")))


def _language(provenance: Mapping[str, Any]) -> str:
    """Return the language that synthetic voices spoke, and how they said what is not said as it is spelt."""
    ways = [f"{phrase} as {', '.join(_texts(each))}" for phrase, each in _object(provenance.get("said")).items()]
    return printable("; ".join([str(provenance.get("language", "")), *ways]), 1000)


def _voices(by_license: Mapping[str, Any]) -> str:
    """Return the number of voices of each engine with their licences. by_license: each voice as "engine voice"."""
    named = ((voice.split(), license) for license, voices in by_license.items() for voice in _texts(voices))
    counts = Counter((words[0], license) for words, license in named if words)
    texts = (f"{count} of {engine} ({license})" for (engine, license), count in counts.most_common())
    return printable("; ".join(texts), 1000)


def _object(value: object) -> Mapping[str, Any]:
    """Return a JSON object; {} for anything else: a file may come from anybody."""
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> list[str]:
    """Return the texts of a JSON array; [] for anything else."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1 << 53


def _of_figures(found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for share in found.get("right", ()):
        low, high = wilson(share["count"], share["of"])
        yield (
            "right",
            f"{share['title']}: {share['count'] / share['of']:.1%} of {share['of']:,} ({low:.1%} to {high:.1%})",
        )
    for stream in found.get("false_accepts", ()):
        low, high = (bound / stream["hours"] for bound in poisson_interval(stream["count"]))
        rate = f"{stream['count'] / stream['hours']:.1f} an hour ({low:.1f} to {high:.1f})"
        yield "false accepts", f"{stream['title']}: {stream['count']} in {stream['hours']:.2f} h, {rate}"


def _of_report(model: Model) -> Iterator[tuple[str, str]]:
    report = report_of(model)
    if report is None:
        return
    yield "verdict", report.verdict
    if {word.word: round(word.threshold, 4) for word in report.words} != _rounded(model.thresholds):
        yield "but", "it was measured at other thresholds than it has now"
    yield "would help", report.help
    for word in report.words:
        yield "misses", f"{word.word} at {word.threshold:.2f}: {_missed(word.misses)}"
    for word in report.words:
        of = f"{report.hours:.2f} h of {report.hours_of}"
        yield "false accepts", f"{word.word} at {word.threshold:.2f}: {_raised(word.false_accepts, of)}"
    if report.negatives is not None:
        of = f"{report.negatives_hours:.2f} h of {report.negatives_of}"
        yield "false accepts", f"all words: {_raised(report.negatives, of)}"
    yield "rule", report.rule


def _rounded(thresholds: Mapping[str, float]) -> dict[str, float]:
    return {word: round(threshold, 4) for word, threshold in thresholds.items()}


def _missed(misses: Share) -> str:
    if misses.of == 0 or misses.low is None or misses.high is None:
        return "no clip was kept from training to tell"
    share = f"{misses.count / misses.of:.1%} ({misses.low:.1%} to {misses.high:.1%})"
    return f"{misses.count} of {misses.of:,} clips that were kept from training, {share}"


def _raised(accepts: Rate, of: str) -> str:
    if accepts.per_hour is None or accepts.low is None or accepts.high is None:
        return "nothing was there to tell"
    return f"{accepts.count} in {of}, {accepts.per_hour:.1f} an hour ({accepts.low:.1f} to {accepts.high:.1f})"
