"""A folder of projects: names made from phrases, no way out of it, and removals that are whole."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from wakeword.errors import DataError, UsageError
from wakeword.projects import library
from wakeword.projects.hearing import hearing_of
from wakeword.projects.library import create_project, finish_removals, list_projects, open_project, remove_project
from wakeword.projects.project import Project
from wakeword.projects.runs import new_run


@pytest.mark.parametrize(
    ("phrase", "name"),
    [
        ("Hey Lumen!", "hey_lumen"),
        ("café au lait", "café_au_lait"),
        ("你好小灯", "你好小灯"),
        ("con", "phrase-con"),  # a device of Windows
        ("é" * 90, "é" * 30),
    ],
)
def test_a_project_is_named_after_its_phrase(tmp_path: Path, phrase: str, name: str) -> None:
    project = create_project(tmp_path, {"phrases": [phrase]})
    assert project.folder == tmp_path / name
    assert open_project(tmp_path, name) == project


def test_another_project_of_the_same_phrase_has_a_number(tmp_path: Path) -> None:
    names = [create_project(tmp_path, {"phrases": ["hey lumen"]}).folder.name for _ in range(3)]
    assert names == ["hey_lumen", "hey_lumen-2", "hey_lumen-3"]


def test_a_refused_project_leaves_no_folder(tmp_path: Path) -> None:
    refused: list[dict[str, list[str]]] = [{"phrases": []}, {"phrases": ["hey lumen"], "say": ["human=win"]}]
    for content in refused:
        with pytest.raises(UsageError):
            create_project(tmp_path, content)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["..", ".", "", "/etc", "hey_lumen/../hey_lumen", "hey_lumen/runs", "other", "a\0b"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    root = tmp_path / "projects"
    (create_project(root, {"phrases": ["hey lumen"]}).folder / "runs").mkdir()
    for use in (open_project, remove_project):
        with pytest.raises(DataError, match="there is no project"):
            use(root, name)
    assert (root / "hey_lumen/project.json").is_file()


def test_a_damaged_project_is_listed_with_its_fault_beside_the_others(tmp_path: Path) -> None:
    good = create_project(tmp_path, {"phrases": ["hey lumen"]})
    bad = create_project(tmp_path, {"phrases": ["ok nexus"]})
    (bad.folder / "project.json").write_text("{")
    found = list_projects(tmp_path)
    assert found["hey_lumen"] == good
    fault = found["ok_nexus"]
    assert isinstance(fault, str) and "is no JSON" in fault
    assert list_projects(tmp_path / "none") == {}


def test_a_removed_project_leaves_no_file(tmp_path: Path) -> None:
    project = create_project(tmp_path, {"phrases": ["hey lumen"]})
    take = project.recordings / "hey lumen/ada/1.wav"
    take.parent.mkdir(parents=True)
    take.write_bytes(b"RIFF")
    remove_project(tmp_path, "hey_lumen")
    assert list(tmp_path.iterdir()) == []


def test_a_removal_that_is_broken_off_is_finished_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create_project(tmp_path, {"phrases": ["hey lumen"]})

    def fail(folder: Path) -> None:
        raise OSError(5, "Input/output error", str(folder))

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", fail)
        with pytest.raises(DataError, match="can't be removed: Input/output error"):
            remove_project(tmp_path, "hey_lumen")
    assert list_projects(tmp_path) == {} and any(tmp_path.iterdir())
    finish_removals(tmp_path)
    assert not any(tmp_path.iterdir())


def test_what_broken_removals_of_runs_have_left_and_recordings_of_runs_that_are_over_are_removed(
    tmp_path: Path,
) -> None:
    project = create_project(tmp_path, {"phrases": ["hey lumen"]})
    runs = {state: new_run(project.folder) for state in ("done", "cancelled", "failed", "queued")}
    (project.folder / "runs/.removed-9").mkdir()
    for state, run in runs.items():
        run.mark(state)  # type: ignore[arg-type]
        run.material.mkdir()
    finish_removals(tmp_path)
    assert not (project.folder / "runs/.removed-9").exists()
    assert [state for state, run in runs.items() if run.material.exists()] == ["failed", "queued"]


def test_what_cannot_be_entered_is_no_run_that_is_over_and_has_no_hearing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a training by another user: nothing in the folder can be looked at."""
    project = create_project(tmp_path, {"phrases": ["hey lumen"]})
    locked, over = new_run(project.folder), new_run(project.folder)
    for run in (locked, over):
        run.mark("done")
        run.material.mkdir()
    look, read = os.stat, Path.read_bytes

    def guarded(path: os.PathLike[str] | str | int, **how: Any) -> os.stat_result:
        if not isinstance(path, int) and locked.folder in Path(path).parents:
            raise PermissionError(13, "Permission denied", str(path))
        return look(path, **how)

    monkeypatch.setattr(os, "stat", guarded)
    monkeypatch.setattr(Path, "read_bytes", lambda path: (guarded(path), read(path))[1])
    finish_removals(tmp_path)
    assert hearing_of(locked) is None
    monkeypatch.undo()
    assert locked.material.is_dir() and not over.material.exists()


def test_there_are_no_more_projects_than_can_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "MAX_PROJECTS", 2)
    for phrase in ("one", "two"):
        create_project(tmp_path, {"phrases": [phrase]})
    with pytest.raises(UsageError, match="there are 2 projects, as many as can be; remove one"):
        create_project(tmp_path, {"phrases": ["three"]})
    assert [name for name, found in list_projects(tmp_path).items() if isinstance(found, Project)] == ["one", "two"]
