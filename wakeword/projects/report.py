"""The report of a run: the verdict on its model, the figures that it rests on, and those of the run before."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.data.examples import Examples
from wakeword.data.keywords import UNKNOWN
from wakeword.errors import WakewordError, counted
from wakeword.files import write_whole
from wakeword.inference.engine import open_engine
from wakeword.model.file import Model, read_model
from wakeword.phrases.negatives import targets
from wakeword.projects.advice import is_short
from wakeword.projects.measure import Sounds, hear, is_synthetic, measure, rate
from wakeword.projects.measure_filed import measure_filed
from wakeword.projects.project import NEGATIVES, RECORDINGS
from wakeword.projects.runs import Run, runs_of
from wakeword.projects.snapshot import noted
from wakeword.projects.stored import stored_object
from wakeword.projects.unheard import near_words, sayable, unheard_talk
from wakeword.projects.verdict import Means, judge

if TYPE_CHECKING:
    from wakeword.projects.material import Material
    from wakeword.training.corpus import Corpus

FORMAT = 1
_NATURAL = ("kokoro", "piper")  # engines


def write_report(
    run: Run, model: Model, corpus: Corpus, made_of: Material, seed: int, tell: Callable[[float], None]
) -> dict[str, Any]:
    """Measure the model of a run, and write its report; return that.

    corpus: that it was trained on. seed: of the training. tell: called with the fraction that is done.

    Raises:
        WakewordError: an engine fails, or a file can't be read or written.
    """
    words, clips = made_of.words, corpus.calibration
    near: dict[str, Sequence[tuple[str, Samples]]] = {}
    if made_of.spoken:
        talk, talk_of = unheard_talk(words, made_of.clips)
        tell(0.4)
        near = {word: list(near_words(words, word, made_of.refused, seed)) for word in sayable(words)}
        tell(0.7)
    else:
        talk, talk_of = _in_a_row(clips, model), "recorded other words that were kept from training"
    kept = clips.at(clips.labels >= model.first_word)
    figures = measure(model, Sounds(kept, talk, corpus.noises, corpus.talk, near))
    hours = len(talk) / SAMPLE_RATE / 3600
    means = Means(
        takes={word: _takes(corpus, word) for word in words.words},
        short=tuple(word for word in near if any(map(is_short, targets([word], words.spoken)))),
        natural=_speaks_naturally(model) or not made_of.spoken,
        refused=made_of.refused,
        room_hours=sum(map(len, corpus.negatives[:1])) / SAMPLE_RATE / 3600,
    )
    earlier = _run_before(run)
    heard_before = None if earlier is None else _numbered_model(earlier)
    report = {
        "format": FORMAT,
        "number": run.number,
        **judge(figures, hours, means),
        "hours": hours,
        "hours_of": talk_of,
        "words": figures,
        "negatives": _of_negatives(model, corpus.negatives[0], heard_before) if made_of.negatives else None,
        "filed": measure_filed(model, corpus.training, clips, heard_before),
        "before": None if earlier is None else _before(run, earlier),
    }
    write_whole(run.report, json.dumps(report, ensure_ascii=False, allow_nan=False).encode(), private=True)
    tell(1.0)
    return report


def read_report(run: Run) -> dict[str, Any] | None:
    """Return the report of a run; None if there is none whose figures can be read."""
    try:
        found = stored_object(run.report.read_bytes())
        _figures(found)  # raises
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if found.get("format") == FORMAT else None


def _in_a_row(clips: Examples, model: Model) -> Samples:
    others = clips.samples[clips.labels == model.labels.index(UNKNOWN)]
    return np.ascontiguousarray(others).reshape(-1)


def _takes(corpus: Corpus, word: str) -> int:
    """Return the number of a phrase's recordings, of training and kept."""
    label = corpus.keywords.labels.index(word)
    parts = (corpus.training, corpus.validation)
    names = {name for part in parts for name in part.at(part.labels == label).names}
    return sum(not is_synthetic(name) for name in names)


def _speaks_naturally(model: Model) -> bool:
    voices = model.provenance.get("voices", {})
    return any(str(voice).startswith(_NATURAL) for each in voices.values() for voice in each)


def _of_negatives(model: Model, stream: Samples, before: tuple[int, Model] | None) -> dict[str, Any]:
    """Return how often the project's own recordings without the phrases wake the model, and the one before."""
    hours = len(stream) / SAMPLE_RATE / 3600

    def waking(model: Model) -> dict[str, float | int | None]:
        return rate(len(hear(model, open_engine(model), stream).detections), hours)

    return {
        "hours": hours,
        "hours_of": "your recordings, on which it was trained",
        **waking(model),
        "before": None if before is None else {"number": before[0], **waking(before[1])},
    }


def _run_before(run: Run) -> Run | None:
    """Return the last run before that has a report."""
    earlier = [each for each in runs_of(run.folder.parent.parent) if each.number < run.number]
    return next((each for each in reversed(earlier) if read_report(each) is not None), None)


def _numbered_model(run: Run) -> tuple[int, Model] | None:
    """Return the number and the model of a run; None if it can't be read any more."""
    try:
        return run.number, read_model(run.model)
    except WakewordError:
        return None


def _before(run: Run, earlier: Run) -> dict[str, Any] | None:
    """Return the figures of the run before, and what was changed since."""
    if (report := read_report(earlier)) is None:
        return None
    return {"number": earlier.number, "words": _figures(report), "changes": _changes(noted(earlier), noted(run))}


def _figures(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "word": word["word"],
            "misses": word["misses"]["share"],
            "per_hour": word["false_accepts"]["per_hour"],
            "curve": word["curve"],
        }
        for word in report["words"]
    ]


def _changes(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Return a line for each difference of what two runs were made of."""
    lines = []
    old, new = (set(each.get("files", {})) for each in (before, now))
    came, went = ({name for name in names if not _is_label(name)} for names in (new - old, old - new))
    for root, what in ((RECORDINGS, "recording"), (NEGATIVES, "recording in negatives")):
        for count, verb in ((_inside(came, root), "added"), (_inside(went, root), "removed")):
            lines += [f"{_counted(count, what)} {verb}"] if count else []
    marked = _inside({name for name in new if _is_label(name) and _file(now, name) != _file(before, name)}, NEGATIVES)
    lines += [f"what is said in {counted(marked, 'recording')} of negatives was marked"] if marked else []
    fields, fields_now = before.get("project", {}), now.get("project", {})
    lines += [
        f"{name}: {_shown(fields.get(name))} became {_shown(value)}"
        for name, value in fields_now.items()
        if fields.get(name) != value
    ]
    return lines


def _counted(count: int, what: str) -> str:
    noun, _, rest = what.partition(" ")
    return " ".join(filter(None, (counted(count, noun), rest)))


def _inside(names: set[str], root: str) -> int:
    return sum(name.startswith(f"{root}/") for name in names)


def _is_label(name: str) -> bool:
    """Return whether a file of negatives is a label file, which no recording is."""
    return name.startswith(f"{NEGATIVES}/") and name.endswith(".txt")


def _file(made_of: dict[str, Any], name: str) -> object:
    return made_of.get("files", {}).get(name)


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if value or value == 0 else "none"
