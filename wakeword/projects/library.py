"""The projects of a folder: each in a folder of its own, named after its phrases."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from wakeword.data.keywords import folder_name
from wakeword.errors import DataError, UsageError, WakewordError, printable
from wakeword.files import private_folder, remove_folder
from wakeword.projects.project import Project
from wakeword.projects.runs import REMOVED_RUN, RUNS, runs_of
from wakeword.text import file_part

MAX_PROJECTS = 200
_NAME_BYTES = 60
_REMOVED = ".removed-"  # how the name of a project begins that is being removed


def create_project(root: Path, content: object) -> Project:
    """Make a project of a JSON object (`Project.of_json`), in a new folder.

    Raises UsageError for an object that can't be used or too many projects, and DataError if it can't be written.
    """
    given = Project.of_json(root, content)
    if len(_folders(root)) >= MAX_PROJECTS:
        raise UsageError(f"there are {MAX_PROJECTS} projects, as many as can be; remove one")
    name = file_part(" ".join(given.phrases), _NAME_BYTES).casefold()
    if folder_name(name) != name:  # a name that a file system refuses or keeps to itself
        name = f"phrase-{re.sub(r'[^0-9a-z]+', '', name)}"
    try:
        private_folder(root)
        number, folder = 1, root / name
        while True:
            try:
                folder.mkdir(mode=0o700)
                break
            except FileExistsError:
                number += 1
                folder = root / f"{name}-{number}"
    except OSError as error:
        raise DataError(f"{root} can't be written: {error.strerror}; choose another folder") from error
    project = Project.of_json(folder, content)
    try:
        project.write()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return project


def open_project(root: Path, name: str) -> Project:
    """Read the project of a name. Raises DataError if there is none, or as `Project.read`."""
    if name not in {folder.name for folder in _folders(root)}:  # so that no name leads out of the folder
        raise DataError(f"there is no project {printable(name, 80)!r}")
    return Project.read(root / name)


def list_projects(root: Path) -> dict[str, Project | str]:
    """Return all projects by name; in place of one that can't be read, the line that says why."""
    found: dict[str, Project | str] = {}
    for folder in _folders(root):
        try:
            found[folder.name] = Project.read(folder)
        except WakewordError as error:
            found[folder.name] = str(error)
    return found


def remove_project(root: Path, name: str) -> None:
    """Remove a project with all recordings and models in it. It is gone at once, even if the removal is broken off.

    Raises DataError if there is none of the name, or a file of it stays; `finish_removals` tries again.
    """
    if name not in {folder.name for folder in _folders(root)}:
        raise DataError(f"there is no project {printable(name, 80)!r}")
    aside = root / f"{_REMOVED}{name}"
    try:
        if aside.exists():
            remove_folder(aside)
        (root / name).rename(aside)
        remove_folder(aside)
    except OSError as error:
        raise DataError(f"{name} can't be removed: {error.strerror}; remove {error.filename} yourself") from error


def finish_removals(root: Path) -> None:
    """Remove what removals of projects and runs that were broken off have left, and recordings of runs that are over.

    Raises DataError if a file stays.
    """
    try:
        runs = [run for folder in _folders(root) for run in runs_of(folder)]
        # The state comes first: that of a run whose folder can't be entered is not known.
        over = [run.material for run in runs if run.status().state in ("done", "cancelled") and run.material.is_dir()]
        for folder in (*root.glob(f"{_REMOVED}*"), *root.glob(f"*/{RUNS}/{REMOVED_RUN}*"), *over):
            remove_folder(folder)
    except OSError as error:
        raise DataError(f"{error.filename} can't be removed: {error.strerror}; remove it yourself") from error


def _folders(root: Path) -> list[Path]:
    """List the folders of projects, by name; none if there is no such folder."""
    if not root.is_dir():
        return []
    return sorted(folder for folder in root.iterdir() if not folder.name.startswith(".") and folder.is_dir())
