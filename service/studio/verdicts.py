"""Verdicts of the service that a project can learn from: events that were wrong, and words that were missed.

Their clips are those in the service's folder of feedback, which outlast the events. Once a clip is filed, the project
has its own copy, and what becomes of the event is no matter.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Literal

from featurizer.logmel import Samples
from service.store.events import Event, EventStore
from wakeword.audio.files import read_audio
from wakeword.data.keywords import UNKNOWN, matching
from wakeword.errors import MissingError, printable
from wakeword.projects.filing import file_missed, file_wrong
from wakeword.projects.judged import Judgement, judged, note
from wakeword.projects.project import Project
from wakeword.projects.takes import LeftOut, Take

MAX_SECONDS = 60.0  # of a clip; the service cuts no longer one
_WRONG = re.compile(r"event-([1-9][0-9]{0,18})\.wav")
_MISSED = re.compile(r"([0-9]{8}T[0-9]{6})([0-9]{3})-(.+)\.wav")
_BATCH = 500  # events that are asked for at once


@dataclass(frozen=True)
class Judged:
    """A clip with a verdict. at: seconds since 1970. model, score: of the event; None of a word that was missed."""

    id: str
    at: float
    verdict: Literal["wrong", "missed"]
    word: str
    source: str
    model: str | None
    score: float | None
    file: Path

    def read(self) -> Samples:
        """Return the clip. Raises DataError if it can't be read."""
        return read_audio(self.file, MAX_SECONDS)


class Verdicts:
    """The verdicts that concern a project: of its phrases, and of the models of its runs."""

    def __init__(self, feedback: Path, events: EventStore, project: Project) -> None:
        """feedback: the folder of judged clips."""
        self._feedback, self._events, self._project = feedback, events, project
        self._own_model = re.compile(f"{re.escape(project.folder.name)}-[0-9]+(-[0-9]+)?")

    def open(self) -> list[Judged]:
        """List those that are neither filed nor left out, the latest first."""
        known = judged(self._project)
        found = [each for each in self._all() if each.id not in known]
        return sorted(found, key=lambda each: each.id, reverse=True)

    def get(self, id: str) -> Judged:
        """Return the verdict of an id, filed or not. Raises MissingError if there is none."""
        found = next((each for each in self._all() if each.id == id), None)
        if found is None:
            raise MissingError(f"there is no verdict {printable(id, 40)!r} of the phrases of this project")
        return found

    def file(self, id: str) -> tuple[list[Take], list[LeftOut]]:
        """Make takes of a clip: other speech of what was wrong, the phrase of what was missed. Return what `Takes.add`
        does. What is filed already stays as it is.

        Raises MissingError, UsageError for too many takes, and DataError if nothing sounds or a file can't be written.
        """
        found, known = self.get(id), judged(self._project).get(id)
        if known is not None and known.verdict != "ignored":
            return [], []
        samples, left_out = found.read(), list[LeftOut]()
        if found.verdict == "wrong":
            takes = [file_wrong(self._project, samples, found.source, found.file.name)]
        else:
            takes, left_out = file_missed(self._project, samples, found.word, found.source, found.file.name)
        # The takes are there first: a crash in between offers the clip again, and loses nothing.
        verdict: Literal["wrong", "right"] = "wrong" if found.verdict == "wrong" else "right"
        note(self._project, id, Judgement(verdict, tuple(take.id for take in takes)))
        return takes, left_out

    def leave_out(self, id: str) -> None:
        """Don't offer a clip any more. Raises MissingError, and DataError if that can't be kept."""
        self.get(id)
        if id not in judged(self._project):
            note(self._project, id, Judgement("ignored"))

    def _all(self) -> Iterator[Judged]:
        if not self._feedback.is_dir():
            return
        for folder in self._feedback.iterdir():
            if folder.name == UNKNOWN:
                yield from self._wrong(folder)
            elif phrase := matching(folder.name, self._project.phrases):
                yield from _missed(folder, phrase)

    def _wrong(self, folder: Path) -> Iterator[Judged]:
        numbers = sorted(int(found[1]) for path in folder.iterdir() if (found := _WRONG.fullmatch(path.name)))
        for at in range(0, len(numbers), _BATCH):
            for event in self._events.some(numbers[at : at + _BATCH]):
                if self._concerns(event):
                    id = f"{round(1000 * event.at):013d}-e{event.id}"
                    file = folder / f"event-{event.id}.wav"
                    yield Judged(id, event.at, "wrong", event.word, event.source, event.model, event.score, file)

    def _concerns(self, event: Event) -> bool:
        phrases: Sequence[str] = self._project.phrases
        return matching(event.word, phrases) is not None or self._own_model.fullmatch(event.model) is not None


def _missed(folder: Path, phrase: str) -> Iterator[Judged]:
    for path in folder.iterdir():
        if (found := _MISSED.fullmatch(path.name)) is None:
            continue
        try:
            second = datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=timezone.utc).timestamp()
        except ValueError:  # somebody has put it there
            continue
        at = second + int(found[2]) / 1000
        digest = hashlib.sha256(f"{folder.name}/{path.name}".encode(errors="surrogateescape")).hexdigest()[:12]
        source = found[3].replace("_", " ").strip()
        yield Judged(f"{round(1000 * at):013d}-m{digest}", at, "missed", phrase, source, None, None, path)
