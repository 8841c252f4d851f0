"""What a run began with: links that stay when takes go, and what counts as a change."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from wakeword.errors import DataError
from wakeword.projects.continued import choose_run
from wakeword.projects.project import Project
from wakeword.projects.runs import Run, new_run
from wakeword.projects.snapshot import begin, is_changed, noted

TAKE = "recordings/hey lumen/ada/1.wav"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project.of_json(tmp_path / "project", {"phrases": ["hey lumen"]})
    made.write()
    for name in (TAKE, "recordings/validation_list.txt", "negatives/room.flac", "recordings/.hidden.wav"):
        (made.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (made.folder / name).write_bytes(name.encode())
    return made


def trained(run: Run) -> Run:
    (run.folder / "model.training").mkdir()
    (run.folder / "model.training/checkpoint.pt").touch()
    return run


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_it_holds_the_recordings_as_they_were_without_a_copy(project: Project) -> None:
    run = new_run(project.folder)
    kept = begin(project, run)
    assert files(run.material) == {"project.json", TAKE, "recordings/validation_list.txt", "negatives/room.flac"}
    assert (run.material / TAKE).samefile(project.folder / TAKE)
    assert kept.folder == run.material and kept.phrases == project.phrases
    (project.folder / TAKE).unlink()
    assert (kept.folder / TAKE).read_bytes() == TAKE.encode()
    run.mark("done")
    assert not run.material.exists()
    assert set(noted(run)["files"]) == {TAKE, "recordings/validation_list.txt", "negatives/room.flac"}


def test_a_recording_that_is_a_link_is_kept_as_what_it_leads_to(project: Project) -> None:
    (project.folder / "old.wav").write_bytes(b"ada")
    (project.folder / TAKE).unlink()
    (project.folder / TAKE).symlink_to("../../../old.wav")
    run = new_run(project.folder)
    begin(project, run)
    (project.folder / "old.wav").unlink()
    assert (run.material / TAKE).read_bytes() == b"ada"


def test_where_links_cannot_be_there_are_copies(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path, kept: Path) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", fail)
    run = new_run(project.folder)
    begin(project, run)
    assert (run.material / TAKE).read_bytes() == TAKE.encode()
    assert not is_changed(project, run)


def test_a_run_that_has_trained_goes_on_with_what_it_began_with(project: Project) -> None:
    run = new_run(project.folder)
    begin(project, run)
    project.changed({"seed": 7}).write()
    changed = Project.read(project.folder)
    assert begin(changed, run).seed == 7  # it has trained nothing yet
    trained(run)
    project.write()
    assert begin(project, run).seed == 7
    assert begin(project, run, fresh=True).seed == 0


def test_what_it_began_with_may_be_gone(project: Project) -> None:
    with pytest.raises(DataError, match="run 1 can't go on: what it began with is gone; begin the next run"):
        begin(project, trained(new_run(project.folder)))


@pytest.mark.parametrize(
    ("change", "number"),
    [
        (lambda folder: None, 1),
        (lambda folder: (folder / TAKE).unlink(), 2),
        (lambda folder: (folder / "negatives/room.flac").write_bytes(b"other"), 2),
        (lambda folder: os.utime(folder / TAKE, ns=(1, 1)), 2),  # recorded anew, of the same length
        (lambda folder: (folder / "recordings/hey lumen/ada/2.wav").touch(), 2),
        (lambda folder: (folder / "project.json").write_text('{"phrases": ["hey lumen"], "seed": 1}'), 2),
        (lambda folder: (folder / "notes.txt").touch(), 1),
    ],
)
def test_the_last_run_goes_on_only_if_nothing_has_changed(
    project: Project, change: Callable[[Path], object], number: int
) -> None:
    run = new_run(project.folder)
    begin(project, run)
    trained(run)
    change(project.folder)
    assert choose_run(Project.read(project.folder), None, fresh=False).number == number


@pytest.mark.parametrize("note", ["", "[]", "{}", '{"project": [], "files": {}}', '{"project": {}, "files": null}'])
def test_a_damaged_note_is_none(project: Project, note: str) -> None:
    """The next run's report and estimate look into those of the runs before."""
    run = new_run(project.folder)
    begin(project, run)
    (run.folder / "made_of.json").write_text(note)
    assert noted(run) == {} and is_changed(project, run)


def test_a_run_that_has_trained_nothing_goes_on_with_any_change(project: Project) -> None:
    run = new_run(project.folder)
    begin(project, run)
    (project.folder / TAKE).unlink()
    assert choose_run(project, None, fresh=False) == run
    assert choose_run(project, None, fresh=True).number == 2
