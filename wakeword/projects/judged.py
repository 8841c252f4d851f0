"""What was judged in a project, so that nothing is offered twice: verdicts of the service, and what a model raised.

It is kept in `judged.json`: for each clip that was judged, what it was found to be, and the takes that were made of it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from wakeword.errors import DataError
from wakeword.files import write_whole
from wakeword.projects.project import Project
from wakeword.projects.stored import stored_object

Verdict = Literal["wrong", "right", "ignored"]

FILE = "judged.json"
FORMAT = 1
MAX_JUDGED = 20_000  # of a project; the oldest are forgotten first


@dataclass(frozen=True)
class Judgement:
    """What a clip is: a false accept, a phrase that was really said, or nothing to train on. takes: made of it."""

    verdict: Verdict
    takes: tuple[str, ...] = ()


def judged(project: Project) -> dict[str, Judgement]:
    """Return what was judged, by the id of the clip, the oldest first; {} if the file can't be read."""
    try:
        return _read(project)
    except (OSError, ValueError):
        return {}


def note(project: Project, id: str, judgement: Judgement) -> None:
    """Keep what a clip was judged to be, in place of an earlier judgement. Raises DataError if it can't be written."""
    known = judged(project)
    known.pop(id, None)
    _write(project, dict([*known.items(), (id, judgement)][-MAX_JUDGED:]))


def forget(project: Project, id: str) -> None:
    """Forget what a clip was judged to be. Raises DataError if that can't be written."""
    known = judged(project)
    if known.pop(id, None) is not None:
        _write(project, known)


def _read(project: Project) -> dict[str, Judgement]:
    """Return what was judged. Raises OSError, and ValueError for a damaged file."""
    found = stored_object(_file(project).read_bytes()).get("judged")
    if not isinstance(found, dict):
        raise ValueError("it has another form")
    return {id: judgement for id, each in found.items() if (judgement := _judgement(each)) is not None}


def _write(project: Project, known: dict[str, Judgement]) -> None:
    _keep_damaged(project)
    content = {"format": FORMAT, "judged": {id: asdict(each) for id, each in known.items()}}
    write_whole(_file(project), json.dumps(content, ensure_ascii=False).encode(), private=True)


def _keep_damaged(project: Project) -> None:
    """Put a damaged file aside: whoever has written into it may mend it. Raises DataError if it can't be put there."""
    file = _file(project)
    try:
        _read(project)
    except FileNotFoundError:
        return
    except (OSError, ValueError):
        try:
            file.replace(file.with_name(f"{FILE}.damaged"))
        except OSError as error:
            raise DataError(f"{file} is damaged and can't be put aside: {error.strerror}; move it yourself") from error


def _file(project: Project) -> Path:
    return project.folder / FILE


def _judgement(content: Any) -> Judgement | None:
    if not isinstance(content, dict) or content.get("verdict") not in get_args(Verdict):
        return None
    takes = content.get("takes")
    return Judgement(content["verdict"], tuple(map(str, takes)) if isinstance(takes, list) else ())
