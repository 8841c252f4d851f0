"""The figures of a run's model, by clips that were kept from training, and speech that it never heard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.word import word_end
from wakeword.data.annotations import Annotation
from wakeword.data.examples import Examples
from wakeword.data.speech_commands import speaker_of
from wakeword.evaluation.detection import WINDOW
from wakeword.evaluation.intervals import poisson_interval, wilson
from wakeword.evaluation.positives import LEAD, mix_clip
from wakeword.evaluation.report import StreamReport
from wakeword.evaluation.scoring import Counts, EngineOutput, count_detections, empty_counts
from wakeword.inference.engine import Engine, open_engine
from wakeword.model.file import Model
from wakeword.model.score import as_fraction

SILENCE, NOISE, LOUD_NOISE, TALK = "near silence", "noise 10 dB below", "noise 3 dB below", "talk 10 dB below"

_SEED = 20_000  # of the noise behind clips: the same for all runs
_BLOCK = 60 * SAMPLE_RATE
_POINTS = 60  # of a curve
_NAMED = 12  # voices that are named, and nearest words


@dataclass(frozen=True)
class Sounds:
    """What a model is measured by.

    clips: of the phrases, kept from training; their labels index the model's. talk: speech in which nobody says a
    phrase, (samples,). noises, voices: to be mixed with the clips. near: for each phrase, words that sound like it,
    each with what was spoken of it.
    """

    clips: Examples
    talk: Samples
    noises: Sequence[Samples]
    voices: Sequence[Samples]
    near: Mapping[str, Sequence[tuple[str, Samples]]]


def measure(model: Model, sounds: Sounds) -> list[dict[str, Any]]:
    """Return the figures of each phrase at its threshold, as `report.json` has them."""
    engine = open_engine(model)
    conditions: dict[str, tuple[Sequence[Samples], float]] = {
        SILENCE: ((), 0.0),
        NOISE: (sounds.noises, 10.0),
        LOUD_NOISE: (sounds.noises, 3.0),
        TALK: (sounds.voices, 10.0),
    }
    missed: dict[str, list[bool]] = {}  # of each condition, whether each clip was
    alone = empty_counts(len(model.keywords))
    for name, (noises, snr_db) in conditions.items():
        if name != SILENCE and not noises:
            continue
        missed[name] = []
        for number in range(len(sounds.clips)):
            # It counts at every threshold: those of thousands of clips are gigabytes.
            counts = _hears(model, engine, sounds.clips, number, noises, snr_db)
            missed[name].append(bool(counts.misses))
            alone = alone + counts if name == SILENCE else alone
    report = StreamReport("", engine.name, model, WINDOW, hear(model, engine, sounds.talk), alone)
    return [_of_word(model, word, sounds, missed, report, engine) for word in model.keywords]


def hear(model: Model, engine: Engine, stream: Samples) -> Counts:
    """Return what a model hears in a stream without phrases, at every threshold. An empty one has no hours."""
    if not len(stream):
        return empty_counts(len(model.keywords))
    engine.reset()
    traces = [engine.push(stream[at : at + _BLOCK]) for at in range(0, len(stream), _BLOCK)]
    scores = np.concatenate([trace.scores[:, model.first_word :] for trace in traces])
    events = [event for trace in traces for event in trace.events]
    output = EngineOutput(scores, events, 0, len(stream) / SAMPLE_RATE)
    return count_detections(model, output, (), WINDOW, lambda time: ("", time))


def rate(count: int, hours: float) -> dict[str, float | int | None]:
    """Return a count of false accepts and its rate an hour, with Garwood's 95 % interval."""
    low, high = poisson_interval(count)
    rates = {"per_hour": count, "low": low, "high": high}
    return {"count": count, **{name: value / hours if hours else None for name, value in rates.items()}}


def _hears(
    model: Model, engine: Engine, clips: Examples, number: int, noises: Sequence[Samples], snr_db: float
) -> Counts:
    """Return the outcome of one clip, alone after near silence, in a noise that its number draws."""
    rng = np.random.default_rng([_SEED, number])
    noise = noises[int(rng.integers(len(noises)))] if noises else None
    samples = clips.samples[number]
    wave = mix_clip(samples, noise, snr_db, WINDOW, rng)
    engine.reset()
    trace = engine.push(wave)
    output = EngineOutput(trace.scores[:, model.first_word :], trace.events, 0, len(wave) / SAMPLE_RATE)
    spoken = Annotation(model.labels[clips.labels[number]], LEAD, LEAD + word_end(samples))
    return count_detections(model, output, [spoken], WINDOW, lambda time: ("", time))


def _of_word(
    model: Model,
    word: str,
    sounds: Sounds,
    all_missed: Mapping[str, Sequence[bool]],
    report: StreamReport,
    engine: Engine,
) -> dict[str, Any]:
    point = report.point(word)
    own = np.flatnonzero(sounds.clips.labels == model.labels.index(word)).tolist()
    names = [sounds.clips.names[number] for number in own]
    missed = {name: [misses[number] for number in own] for name, misses in all_missed.items()}
    positives = len(own)
    low, high = wilson(point.missed, positives) if positives else (None, None)
    return {
        "word": word,
        "threshold": as_fraction(point.threshold),
        "misses": {
            "share": point.miss_rate,
            "count": point.missed,
            "of": positives,
            "low": low,
            "high": high,
        },
        "false_accepts": rate(point.false_accepts, report.hours),
        "curve": _curve(report, word),
        "by": {
            "voice": _grouped((name, miss) for name, miss in zip(map(_voice, names), missed[SILENCE], strict=True)),
            "speaker": _grouped((name, miss) for name, miss in zip(map(_speaker, names), missed[SILENCE], strict=True)),
            "noise": [
                {"name": name, "misses": sum(misses) / positives, "of": positives}
                for name, misses in missed.items()
                if positives
            ],
        },
        "nearest": _nearest(model, word, sounds.near.get(word, ()), engine),
    }


def _curve(report: StreamReport, word: str) -> list[dict[str, Any]]:
    """Return the points of a word's trade-off that differ from the one before, thinned to `_POINTS`."""
    points = report.curve(word)
    turns = [
        point
        for before, point in zip([None, *points], points, strict=False)
        if before is None or (before.missed, before.false_accepts) != (point.missed, point.false_accepts)
    ]
    kept = np.unique(np.linspace(0, len(turns) - 1, min(_POINTS, len(turns))).round().astype(int))
    return [
        {
            "threshold": as_fraction(turns[index].threshold),
            "misses": turns[index].miss_rate,
            "per_hour": turns[index].per_hour,
        }
        for index in kept
    ]


def is_synthetic(name: str) -> bool:
    """Return whether an example's name is that of a clip by a synthetic voice, or cut from one: LABEL/VOICE#NUMBER.

    That of a recording ends with the name of its format.
    """
    return name.rpartition("#")[2].isdecimal()


def _voice(name: str) -> str | None:
    return name.split("/", 1)[1].rpartition("#")[0] if is_synthetic(name) else None


def _speaker(name: str) -> str | None:
    return None if is_synthetic(name) else speaker_of(name)


def _grouped(missed: Iterable[tuple[str | None, bool]]) -> list[dict[str, Any]]:
    """Return the share of misses by name, the worst first; None is no name."""
    groups: dict[str, list[bool]] = defaultdict(list)
    for name, miss in missed:
        if name is not None:
            groups[name].append(miss)
    found = [{"name": name, "misses": sum(each) / len(each), "of": len(each)} for name, each in sorted(groups.items())]
    return sorted(found, key=lambda group: -float(group["misses"]))[:_NAMED]  # type: ignore[arg-type]


def _nearest(
    model: Model, word: str, spoken: Sequence[tuple[str, Samples]], engine: Engine
) -> list[dict[str, str | float]]:
    """Return the words that come nearest to waking it, by their highest score of all voices, 0 to 1."""
    label = model.labels.index(word)
    best: dict[str, float] = {}
    for number, (text, samples) in enumerate(spoken):
        engine.reset()
        wave = mix_clip(samples, None, 0.0, WINDOW, np.random.default_rng([_SEED, number]))
        scores = engine.push(wave).scores[:, label]
        best[text] = max(best.get(text, 0.0), as_fraction(int(scores.max(initial=0))))
    ranked = sorted(best.items(), key=lambda pair: (-pair[1], pair[0]))[:_NAMED]
    return [{"text": text, "score": round(score, 4)} for text, score in ranked]
