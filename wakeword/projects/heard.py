"""What the model of a run raises in the project's long recordings: its own false accepts, to be heard and judged.

`runs/N/heard.json` has it for each recording that was heard, and is written whenever one is. So whatever ends the
hearing, what was heard by then stays, and the next hearing goes on with the recordings that are left.
"""

from __future__ import annotations

import hashlib
import heapq
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from featurizer import HOP, SAMPLE_RATE, WINDOW
from wakeword.audio.files import blocks
from wakeword.errors import DataError, printable
from wakeword.files import write_whole
from wakeword.inference.engine import Engine, open_engine
from wakeword.model.file import Model, read_model
from wakeword.model.score import as_fraction
from wakeword.projects.negatives import MAX_SECONDS, negatives
from wakeword.projects.project import NEGATIVES, Project
from wakeword.projects.runs import Run
from wakeword.projects.snapshot import noted
from wakeword.projects.stored import stored_object

FILE = "heard.json"  # in the folder of a run
FORMAT = 1
MAX_RAISED = 500  # of a recording, those of the highest scores

_MOST = 1 << 53  # of a number in the file
_BLOCK = 60 * SAMPLE_RATE
_PEAK = 50  # frames after an event in which its score rises on


@dataclass(frozen=True)
class Raised:
    """A word that the model has raised in a recording. frame: of the event. score: the highest in the half second
    that follows, 0 to 1."""

    frame: int
    word: str
    score: float

    @property
    def time(self) -> float:
        """Return the seconds from the begin of the recording to the end of the frame."""
        return (self.frame * HOP + WINDOW) / SAMPLE_RATE


@dataclass(frozen=True)
class Heard:
    """A recording that was heard.

    bytes: of its file, which tell it from another of the name. count: of words that were raised, of which `raised` are
    kept. problem: why it can't be read, in one line; "" if it was.
    """

    name: str
    bytes: int
    seconds: float
    count: int
    raised: tuple[Raised, ...]
    problem: str = ""

    def id(self, raised: Raised) -> str:
        """Return the id of what was raised, the same for each model that raises a word in this frame."""
        return f"{recording_id(self.name, self.bytes)}-{raised.frame}"


def recording_id(name: str, size: int) -> str:
    """Return how the ids of a recording begin. size: bytes."""
    return hashlib.sha256(f"{size} {name}".encode(errors="surrogateescape")).hexdigest()[:12]


def hear(project: Project, run: Run, tell: Callable[[float], None] = lambda share: None) -> list[Heard]:
    """Let the model of a run hear the recordings in `negatives/` that it has not heard yet; return all that it has.

    A recording is read in pieces, never whole. One that can't be read has a line that says why.

    tell: called with the share of the recordings' length that is done, 0 to 1.

    Raises DataError if the model can't be read, or what was heard can't be written; ModelError for a damaged model.
    """
    model, digest = _with_digest(run)
    known = {(each.name, each.bytes): each for each in read_heard(run)}
    there = negatives(project)
    whole = sum(each.seconds or 0.0 for each in there) or 1.0
    engine, found, done = open_engine(model), list[Heard](), 0.0

    def told(seconds: float) -> None:
        tell(min(1.0, (done + seconds) / whole))

    for each in there:
        key = each.name, each.bytes
        if key not in known:
            known[key] = _hear(model, engine, project, *key, told)
            _write(run, digest, [known[it.name, it.bytes] for it in there if (it.name, it.bytes) in known])
        found.append(known[key])
        done += each.seconds or 0.0
        told(0.0)
    return found


def read_heard(run: Run) -> list[Heard]:
    """Return what the model of a run has heard; [] if the file can't be used, or the model is another by now."""
    try:
        content = stored_object((run.folder / FILE).read_bytes())
        if content["format"] != FORMAT or content["model"] != _digest(run):
            return []
        found = [_heard(each) for each in content["recordings"]]
    except (OSError, ValueError, TypeError, KeyError):
        return []
    return list({(each.name, each.bytes): each for each in found}.values())


def trained_on(run: Run) -> Callable[[Heard], bool]:
    """Return what tells whether a recording was among those that a run began with, by its name and its bytes."""
    files = noted(run).get("files", {})

    def trained(heard: Heard) -> bool:
        known = files.get(f"{NEGATIVES}/{heard.name}")
        return isinstance(known, list) and known[:1] == [heard.bytes]

    return trained


def _hear(model: Model, engine: Engine, project: Project, name: str, size: int, tell: Callable[[float], None]) -> Heard:
    """Hear a recording from its begin."""
    engine.reset()
    best: list[tuple[float, int, str]] = []  # a heap of those that are kept, the lowest score first
    count, samples, frames = 0, 0, 0
    try:
        for block in blocks(project.negatives / name, _BLOCK, MAX_SECONDS):
            trace = engine.push(block)
            for event in trace.events:
                at = event.frame - frames
                peak = int(np.max(trace.scores[at : at + _PEAK, event.label], initial=event.score))
                count += 1
                heapq.heappush(best, (as_fraction(peak), event.frame, model.labels[event.label]))
                if len(best) > MAX_RAISED:
                    heapq.heappop(best)
            frames += len(trace.scores)
            samples += len(block)
            tell(samples / SAMPLE_RATE)
    except DataError as error:
        reason = " ".join(str(error).replace(str(project.negatives / name), name).split())
        return Heard(name, size, 0.0, 0, (), reason)
    raised = (Raised(frame, word, round(score, 4)) for score, frame, word in best)
    return Heard(name, size, samples / SAMPLE_RATE, count, tuple(sorted(raised, key=lambda each: each.frame)))


def _with_digest(run: Run) -> tuple[Model, str]:
    """Return the model of a run, and what tells it from another."""
    try:
        while True:
            before, model = _digest(run), read_model(run.model)
            if _digest(run) == before:  # else it was replaced just now
                return model, before
    except OSError as error:
        raise DataError(f"{run.model} can't be read: {error.strerror}; train the project again") from error


def _write(run: Run, digest: str, heard: list[Heard]) -> None:
    try:
        now = _digest(run)
    except OSError as error:  # somebody has removed the run; it must not come back
        raise DataError(f"run {run.number} is gone") from error
    if now != digest:
        raise DataError(f"run {run.number} has another model or other thresholds by now; let it hear again")
    content = {"format": FORMAT, "model": digest, "recordings": [asdict(each) for each in heard]}
    write_whole(run.folder / FILE, json.dumps(content, ensure_ascii=False).encode(), private=True)


def _digest(run: Run) -> str:
    """Return what tells the model of a run from another. Raises OSError."""
    return hashlib.sha256(run.model.read_bytes()).hexdigest()[:16]


def _heard(content: dict[str, Any]) -> Heard:
    """Return a recording of the file. Raises ValueError, TypeError or KeyError for what is none."""
    raised = tuple(
        Raised(_count(each["frame"]), printable(each["word"]), min(1.0, _number(each["score"])))
        for each in content["raised"]
    )
    count, seconds = _count(content["count"]), _number(content["seconds"])
    if len(raised) > min(count, MAX_RAISED) or seconds > MAX_SECONDS or any(each.time > seconds + 1 for each in raised):
        raise ValueError("more than was heard")
    name, problem = str(content["name"]), printable(content["problem"], 2000)
    return Heard(name, _count(content["bytes"]), seconds, count, raised, problem)


def _count(value: Any) -> int:
    number = int(value)
    if not 0 <= number <= _MOST:
        raise ValueError("no count")
    return number


def _number(value: Any) -> float:
    number = float(value)
    if not 0 <= number <= _MOST:
        raise ValueError("no number")
    return number
