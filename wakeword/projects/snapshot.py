"""What a run is made of, kept in its folder as it was when the run began.

Takes come and go and settings change while a run trains, or waits to go on. The files are links to those of the
project, so they take no room; a copy is made where links can't be. They are removed when the run is over.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from wakeword.audio.files import audio_files
from wakeword.data.said import label_file
from wakeword.data.split_lists import LIST_FILES
from wakeword.errors import DataError
from wakeword.files import write_whole
from wakeword.projects.project import FILE, NEGATIVES, RECORDINGS, Project
from wakeword.projects.runs import Run
from wakeword.projects.stored import check_name, stored_object

_NOTE = "made_of.json"


def begin(project: Project, run: Run, fresh: bool = False) -> Project:
    """Return what a run trains on: what it began with if it has trained by it, else the project as it is now.

    fresh: the project as it is, in any case. Raises DataError if it can't be kept, or what was kept is gone.
    """
    if has_trained(run) and not fresh:
        try:
            return Project.read(run.material)
        except DataError as error:
            raise DataError(f"run {run.number} can't go on: what it began with is gone; begin the next run") from error
    part = run.material.with_name(f".{run.material.name}.part")
    try:
        for old in (part, run.material):
            if old.exists():
                shutil.rmtree(old)
        part.mkdir(mode=0o700)
        note = _made_of(project)
        for name in list(note["files"]):
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            try:
                _link(project.folder / name, part / name)
            except FileNotFoundError:  # it was removed just now
                del note["files"][name]
        shutil.copyfile(project.folder / FILE, part / FILE)
        part.rename(run.material)
    except OSError as error:
        raise DataError(f"{run.material} can't be written: {error.strerror}; make room, and train again") from error
    kept = Project.read(run.material)
    note["project"] = kept.as_json()
    write_whole(run.folder / _NOTE, json.dumps(note, ensure_ascii=False).encode(), private=True)
    return kept


def has_trained(run: Run) -> bool:
    """Return whether a run has trained so much as an epoch, which is lost if it goes on with something else."""
    trained = run.model.with_suffix(".training")
    return any((trained / name).is_file() for name in ("checkpoint.pt", "teacher.pt", "finished.json"))


def is_changed(project: Project, run: Run) -> bool:
    """Return whether a project or its recordings are others than those that a run began with."""
    return noted(run) != _made_of(project)


def noted(run: Run) -> dict[str, Any]:
    """Return what a run began with: its `project`, and size and time of its `files` by name.

    It is {} if nothing is noted, or the note is damaged.
    """
    try:
        found = stored_object((run.folder / _NOTE).read_bytes())
    except (OSError, ValueError):
        return {}
    return found if all(isinstance(found.get(name), dict) for name in ("project", "files")) else {}


def _made_of(project: Project) -> dict[str, Any]:
    files: dict[str, list[int]] = {}
    for path in _files(project):
        check_name(path)
        with contextlib.suppress(FileNotFoundError):
            status = path.stat()
            files[path.relative_to(project.folder).as_posix()] = [status.st_size, status.st_mtime_ns]
    return {"project": project.as_json(), "files": files}


def _files(project: Project) -> list[Path]:
    """List the recordings, the lists that split them, and the label files of what is said in negatives."""
    lists = [project.recordings / name for name in LIST_FILES if (project.recordings / name).is_file()]
    labels = [file for path in audio_files(project.negatives, below=True) if (file := label_file(path)).is_file()]
    audio = [path for name in (RECORDINGS, NEGATIVES) for path in audio_files(project.folder / name, below=True)]
    return [*audio, *lists, *labels]


def _link(path: Path, kept: Path) -> None:
    try:
        os.link(os.path.realpath(path), kept)  # not a link itself, which would lead elsewhere from there
    except FileNotFoundError:
        raise
    except OSError:  # another file system, or one without links
        shutil.copyfile(path, kept)
