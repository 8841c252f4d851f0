"""Which run a training goes on with: an interrupted one if nothing that it is made of has changed, else a new one."""

from __future__ import annotations

import json
from typing import Any

from wakeword.audio.files import audio_files
from wakeword.errors import UsageError
from wakeword.files import write_whole
from wakeword.projects.project import Project
from wakeword.projects.runs import ENDED, Run, new_run, run_of, runs_of

_MADE_OF = "made_of.json"


def choose_run(project: Project, number: int | None, fresh: bool) -> Run:
    """Return the run to train.

    number: None: the last one if it is not over and of the project as it is, else a new one. fresh: a new one.

    Raises:
        DataError: there is no run of this number.
        UsageError: the run is over, or was begun of the project as it was before a change.
    """
    if number is None:
        last = max(runs_of(project.folder), key=lambda run: run.number, default=None)
        if last is None or fresh or last.status().state in ENDED - {"failed"} or is_changed(project, last):
            return new_run(project.folder)
        return last
    run = run_of(project.folder, number)
    if (state := run.status().state) in ("done", "cancelled"):
        raise UsageError(f"run {number} is {state}; leave out --run for the next run")
    if not fresh and is_changed(project, run):
        raise UsageError(f"run {number} was begun before the project was changed; leave out --run for the next run")
    return run


def is_changed(project: Project, run: Run) -> bool:
    """Return whether the project or its recordings are others than a run has begun to train on.

    A run that has trained nothing yet may go on with anything.
    """
    trained = run.model.with_suffix(".training")
    if not any((trained / name).is_file() for name in ("checkpoint.pt", "teacher.pt", "finished.json")):
        return False
    return noted_material(run) != made_of(project)


def note_material(project: Project, run: Run) -> None:
    """Note in a run's folder what it is made of. Raises DataError if it can't be written."""
    write_whole(run.folder / _MADE_OF, json.dumps(made_of(project), ensure_ascii=False).encode(), private=True)


def made_of(project: Project) -> dict[str, Any]:
    """Return what tells the project, and the sizes of its recordings by name."""
    files = {
        path.relative_to(project.folder).as_posix(): path.stat().st_size
        for root in (project.recordings, project.negatives)
        for path in audio_files(root, below=True)
    }
    return {"project": project.as_json(), "files": files}


def noted_material(run: Run) -> dict[str, Any]:
    """Return what `note_material` has noted; {} if nothing can be read."""
    try:
        found = json.loads((run.folder / _MADE_OF).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
