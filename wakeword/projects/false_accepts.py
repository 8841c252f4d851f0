"""The false accepts of a run in the project's long recordings: counted, heard one by one, and judged.

What was judged once is known of every later run that raises a word at the same place.
"""

from __future__ import annotations

import contextlib
from bisect import bisect, insort
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from featurizer import HOP, SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import read_part
from wakeword.data.annotations import Annotation
from wakeword.data.event_clip import AFTER, samples_before
from wakeword.data.keywords import matching
from wakeword.data.said import said_in, seconds_said, write_said
from wakeword.errors import DataError, MissingError, UsageError, WakewordError, printable
from wakeword.evaluation.detection import WINDOW
from wakeword.model.file import read_model
from wakeword.projects.filing import file_wrong, unfile
from wakeword.projects.heard import Heard, Raised, read_heard, trained_on
from wakeword.projects.judged import Judgement, Verdict, forget, judged, note
from wakeword.projects.measure import rate
from wakeword.projects.negatives import negatives
from wakeword.projects.project import Project
from wakeword.projects.runs import Run
from wakeword.projects.takes import DISTANCE, SPEAKER, Take, Takes

_BEFORE, _AFTER = 2.0, 1.0  # seconds around the time of the event, of a clip
_DIGITS = 18  # of a frame
_SAME = SAMPLE_RATE // HOP  # frames: what is raised within a second is one place


@dataclass(frozen=True)
class FalseAccept:
    """A word that was raised in a recording, and what it was judged to be; None if it wasn't."""

    id: str
    recording: str
    time: float
    word: str
    score: float
    verdict: Verdict | None


@dataclass(frozen=True)
class FalseAccepts:
    """What a run raises in the recordings that are there now.

    recordings: those that were heard, each with whether the model was trained on it. left: names of those that weren't
    heard yet. raised: what is kept of what was raised, the highest scores first.
    """

    recordings: Sequence[tuple[Heard, bool]]
    left: Sequence[str]
    raised: Sequence[FalseAccept]
    _said: Mapping[str, float]  # seconds in which a phrase is said, by recording
    _right: Mapping[str, int]  # how many words were raised rightly

    def rate(self, *, unseen: bool = False) -> dict[str, Any]:
        """Return `hours`, and the false accepts in them with Garwood's 95 % interval, all words together.

        unseen: only in recordings that the model was not trained on.
        """
        own = [heard for heard, trained in self.recordings if not (unseen and trained)]
        hours = sum(each.seconds - self._said.get(each.name, 0.0) for each in own) / 3600
        return {"hours": hours, **rate(sum(each.count - self._right.get(each.name, 0) for each in own), hours)}


def false_accepts(project: Project, run: Run) -> FalseAccepts:
    """Return what a run has raised. Raises DataError for a damaged label file."""
    there = {(each.name, each.bytes) for each in negatives(project)}
    heard = [each for each in read_heard(run) if (each.name, each.bytes) in there]
    known, trained = _Known(judged(project)), trained_on(run)
    said = {each.name: said_in(project.negatives / each.name) for each in heard}
    raised = [
        FalseAccept(
            each.id(one),
            each.name,
            round(one.time, 3),
            one.word,
            one.score,
            _verdict(known, each, one, said[each.name]),
        )
        for each in heard
        for one in each.raised
    ]
    right: dict[str, int] = defaultdict(int)
    for found in raised:
        right[found.recording] += found.verdict == "right"
    return FalseAccepts(
        [(each, trained(each)) for each in heard],
        sorted({name for name, _ in there} - {each.name for each in heard}),
        sorted(raised, key=lambda each: (-each.score, each.id)),
        {each.name: seconds_said(said[each.name], each.seconds) for each in heard},
        right,
    )


def clip_of(project: Project, run: Run, id: str) -> Samples:
    """Return what sounds around a word that was raised. Raises MissingError, and DataError if it can't be read."""
    heard, raised = _find(project, run, id)
    return _clip(project, run, heard, raised)[0]


def judge(project: Project, run: Run, id: str, verdict: Verdict) -> list[Take]:
    """Judge a word that was raised; return the takes that were made of it.

    wrong: its clip becomes a take of other speech. right: the word was said, so its clip becomes a take of the phrase,
    and the recording's label file says so, by which this stretch is no negative any more. ignored: neither. A later
    judgement takes back what an earlier one made.

    Raises MissingError, UsageError for a word that is no phrase of the project or too many takes, and DataError if a
    file can't be read or written.
    """
    heard, raised = _find(project, run, id)
    path, known = project.negatives / heard.name, _Known(judged(project))
    said = said_in(path)
    if _verdict(known, heard, raised, said) == verdict:
        return []
    earlier_id, earlier = known.near(heard, raised)
    samples, begin, part = _clip(project, run, heard, raised)
    labels = [each for each in said if not _covers(each, raised)]
    takes: list[Take] = []
    if verdict == "wrong":
        takes = [file_wrong(project, samples, Path(heard.name).stem, heard.name, part)]
    elif verdict == "right":
        takes = [_said(project, samples, raised.word, heard, part)]
        labels.append(Annotation(raised.word, begin + part[0], begin + part[1]))
    try:
        if labels != said:
            write_said(path, labels)
        note(project, id, Judgement(verdict, tuple(take.id for take in takes)))
    except WakewordError:  # the disk is full: nothing of the judgement stays
        unfile(project, Judgement(verdict, tuple(take.id for take in takes)))
        if labels != said:
            with contextlib.suppress(WakewordError):  # there is room for what was there before
                write_said(path, said)
        raise
    if earlier is not None:
        unfile(project, earlier)
        if earlier_id != id:
            forget(project, earlier_id)
    return takes


class _Known:
    """Finds what was judged at a place of a recording, whichever model has raised a word there."""

    def __init__(self, known: Mapping[str, Judgement]) -> None:
        self._known = known
        self._frames: dict[str, list[int]] = defaultdict(list)
        for id in known:
            recording, _, frame = id.partition("-")
            if frame.isascii() and frame.isdigit() and len(frame) <= _DIGITS:
                insort(self._frames[recording], int(frame))

    def near(self, heard: Heard, raised: Raised) -> tuple[str, Judgement | None]:
        """Return the id and the judgement of the nearest place within a second; None if none was judged."""
        recording = heard.id(raised).partition("-")[0]
        frames = self._frames.get(recording, ())
        at = bisect(frames, raised.frame)
        nearest = min(frames[max(0, at - 1) : at + 1], key=lambda frame: abs(frame - raised.frame), default=None)
        if nearest is None or abs(nearest - raised.frame) > _SAME:
            return "", None
        id = f"{recording}-{nearest}"
        return id, self._known[id]


def _verdict(known: _Known, heard: Heard, raised: Raised, said: Sequence[Annotation]) -> Verdict | None:
    if any(_covers(each, raised) for each in said):
        return "right"
    _, judgement = known.near(heard, raised)
    # Whoever has removed the label by hand has taken back that it was said.
    return None if judgement is None or judgement.verdict == "right" else judgement.verdict


def _covers(label: Annotation, raised: Raised) -> bool:
    """Return whether a word was said when it was raised, by the rule of `wakeword.evaluation.scoring`."""
    # The times come first: thousands of labels are compared with hundreds of words.
    return label.start <= raised.time <= label.end + WINDOW and matching(label.word, (raised.word,)) is not None


def _said(project: Project, samples: Samples, word: str, heard: Heard, part: tuple[float, float]) -> Take:
    """File a clip as a take of its phrase, by the recording's name as the speaker, which is not known."""
    store, name = Takes(project), heard.name
    try:
        return store.add_part(samples, part, word, Path(name).stem, DISTANCE, name)
    except UsageError:  # of a name that can be no speaker's; or what holds for any speaker
        return store.add_part(samples, part, word, SPEAKER, DISTANCE, name)


def _clip(project: Project, run: Run, heard: Heard, raised: Raised) -> tuple[Samples, float, tuple[float, float]]:
    """Return what sounds around a word, its begin in seconds of the recording, and the part of it to train on."""
    before = samples_before(read_model(run.model)) / SAMPLE_RATE
    begin = max(0.0, raised.time - max(_BEFORE, before))
    first, last = (round(time * SAMPLE_RATE) for time in (begin, raised.time + _AFTER))
    samples = read_part(project.negatives / heard.name, first, last)
    if not len(samples):
        raise DataError(f"{heard.name} is shorter than when it was heard; let it be heard again")
    at = raised.time - begin
    return samples, begin, (max(0.0, at - before), min(len(samples) / SAMPLE_RATE, at + AFTER / SAMPLE_RATE))


def _find(project: Project, run: Run, id: str) -> tuple[Heard, Raised]:
    there = {(each.name, each.bytes) for each in negatives(project)}
    for heard in read_heard(run):
        if (heard.name, heard.bytes) in there:
            for raised in heard.raised:
                if heard.id(raised) == id:
                    return heard, raised
    raise MissingError(f"run {run.number} has raised nothing of the id {printable(id, 40)!r}")
