"""`wakeword train --project`: the files of a run, its state however it ends, and the same model as by options."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile

from tests import processes
from tests.signals import ROOT, noise
from tests.wakeword.terminal import Run as Command
from tests.wakeword.tiny_project import CONTENT, SETTINGS, own_cache
from wakeword.model.file import encoded, read_model
from wakeword.model.measured import report_of, without_report
from wakeword.projects.project import Project
from wakeword.projects.report import read_report
from wakeword.projects.runs import Run, new_run, runs_of
from wakeword.projects.snapshot import noted

# Runs the command for each line, STAGE PROJECT, in a fork that is killed by the line on the stage that it writes, and
# says how that ended. What a training needs is imported once.
_KILLER = """
import json, os, signal, sys
import wakeword.projects.report, wakeword.training.train
from wakeword.cli import main
from wakeword.phrases.language import LANGUAGES
from wakeword.phrases.lexicon import lexicon
from wakeword.projects.progress import ProgressFile

lexicon(LANGUAGES["fr"])

def tell_and_end(file, more=None):
    tell(file, more)
    if file._stage == stage and (more or file._spoken and stage in "synthesis report"):
        os.kill(os.getpid(), signal.SIGKILL)

tell, ProgressFile._tell = ProgressFile._tell, tell_and_end
for line in sys.stdin:
    stage, project = json.loads(line)
    if os.fork() == 0:
        sys.argv = ["wakeword", "train", "--project", project]
        main()
    print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_cache(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def killer(cache: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {"XDG_CACHE_HOME": str(cache), "WAKEWORD_KOKORO": "", "WAKEWORD_PIPER": ""}
    command, pipe = [sys.executable, "-c", _KILLER], subprocess.PIPE
    with processes.started(command, cwd=ROOT, stdin=pipe, stderr=None, environment=environment) as process:
        yield process


@pytest.fixture
def project(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.delenv("WAKEWORD_KOKORO", raising=False)
    monkeypatch.delenv("WAKEWORD_PIPER", raising=False)
    made = Project.of_json(tmp_path / "project", CONTENT)
    made.write()
    return made


def lines(run: Run) -> list[dict[str, Any]]:
    return list(run.lines())


def write_takes(project: Project, count: int = 4, speaker: str = "ada") -> None:
    folder = project.recordings / "café au lait" / speaker
    folder.mkdir(parents=True)
    for number in range(count):
        soundfile.write(folder / f"{number}.wav", 0.1 * noise(0.8, seed=number), 16_000)


def test_a_run_tells_its_stages_leaves_its_files_and_is_what_the_options_train(
    run: Command, project: Project, cache: Path, tmp_path: Path
) -> None:
    write_takes(project)
    done = run("train", "--project", project.folder)
    assert done.status == 0, done.err
    (made,) = runs_of(project.folder)
    assert made.status().state == "done" and made.status().fraction == 1
    told = lines(made)
    stages = list(dict.fromkeys(line["stage"] for line in told))
    assert stages == ["synthesis", "teacher", "low rank", "sparse", "quantized", "report"]
    fractions = [line["fraction"] for line in told]
    assert fractions == sorted(fractions) and fractions[0] >= 0 and fractions[-1] <= 1
    epochs = [(line["epoch"], line["epochs"]) for line in told if "epoch" in line]
    assert epochs == [(0, 2), (1, 2), *((epoch, 5) for epoch in range(5))]
    assert all(line["seconds_left"] >= 0 for line in told)
    assert "epoch 5 (quantized)" in made.log.read_text()
    report = read_report(made)
    assert report is not None and report["verdict"] in done.out and report["before"] is None
    assert report["verdict"] in made.log.read_text() and report["negatives"] is None
    (figures,) = report["words"]
    assert (
        figures["word"] == "café au lait" and figures["threshold"] == read_model(made.model).thresholds["café au lait"]
    )
    assert [each["name"] for each in figures["by"]["speaker"]] == ["ada"]
    assert figures["nearest"] and 0.02 < report["hours"] < 0.2 and "French" in report["hours_of"]

    settings = [word for name, value in SETTINGS.items() for word in ("--set", f"{name}={value}")]
    out = tmp_path / "by_options.safetensors"
    phrase = ("--keywords", "café au lait", "--language", "fr", "--preset", "small", "--clips", "20")
    assert run("train", *phrase, "--data", project.recordings, *settings, "--out", out).status == 0
    assert without_card(made) == out.read_bytes()
    assert not list(cache.rglob("rooms-*"))  # which are not asked for


def without_card(run: Run) -> bytes:
    """The content of a run's model as its training has left it, before it was measured."""
    return encoded(without_report(read_model(run.model)))


def killed(project: Project, killer: subprocess.Popen[bytes], stage: str) -> Run:
    """The run that is killed when it has told of an epoch of the stage, or of the synthesis or the report."""
    assert killer.stdin is not None and killer.stdout is not None
    killer.stdin.write(json.dumps([stage, str(project.folder)]).encode() + b"\n")
    assert int(killer.stdout.readline()) == -signal.SIGKILL
    (killed_run,) = runs_of(project.folder)
    assert killed_run.status().state == "interrupted" and killed_run.model.exists() == (stage == "report")
    return killed_run


def test_a_run_that_is_killed_in_any_stage_goes_on_to_the_same_model(
    run: Command, project: Project, killer: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    whole = Project.of_json(tmp_path / "whole", CONTENT)
    whole.write()
    assert run("train", "--project", whole.folder).status == 0
    for stage in ("synthesis", "teacher", "low rank"):
        reached = killed(project, killer, stage).status().fraction
    done = run("train", "--project", project.folder)
    assert done.status == 0, done.err
    (made,) = runs_of(project.folder)
    assert made.status().state == "done"
    assert made.model.read_bytes() == Run(whole.folder / "runs/1", 1).model.read_bytes()
    fractions = [line["fraction"] for line in lines(made)]
    assert fractions == sorted(fractions) and reached in fractions


def test_a_run_that_is_killed_after_its_model_was_written_is_not_trained_again(
    run: Command, project: Project, killer: subprocess.Popen[bytes]
) -> None:
    made = killed(project, killer, "report")
    before, epochs = made.model.read_bytes(), sum("epoch" in line for line in lines(made))
    assert run("train", "--project", project.folder).status == 0
    assert made.status().state == "done" and without_card(made) == before
    assert report_of(read_model(made.model)) is not None
    assert sum("epoch" in line for line in lines(made)) == epochs
    assert not (made.folder / "model.training/earlier.safetensors").exists()


def test_what_cannot_be_used_fails_the_run_in_one_line_and_mended_it_goes_on(run: Command, project: Project) -> None:
    write_takes(project)
    bad = project.recordings / "café au lait/ada/0.wav"
    bad.write_bytes(b"RIFF")
    done = run("train", "--project", project.folder)
    assert done.status == 2
    (made,) = runs_of(project.folder)
    assert made.status().state == "failed" and not made.model.exists()
    assert (
        f"{project.recordings} holds clips without a word: café au lait/ada/0.wav (no audio" in made.status().message
        and "\n" not in made.status().message
    )
    assert done.err.splitlines()[-1] == f"wakeword: {made.status().message}" == made.log.read_text().splitlines()[-1]
    bad.unlink()
    assert run("train", "--project", project.folder, "--run", "1").status == 0
    assert made.status().state == "done" and made.status().message == ""


def test_a_run_goes_on_with_the_takes_that_it_began_with(
    run: Command, project: Project, killer: subprocess.Popen[bytes]
) -> None:
    write_takes(project)
    made = killed(project, killer, "teacher")
    write_takes(project, speaker="bob")
    (project.recordings / "café au lait/ada/3.wav").unlink()
    project.changed({"clips": 21}).write()
    done = run("train", "--project", project.folder, "--run", "1")
    assert done.status == 0, done.err
    assert "café au lait 4 clips" in done.err and made.status().state == "done"
    assert not made.material.exists()
    again = run("train", "--project", project.folder, "--run", "1")
    assert (again.status, again.err) == (0, "wakeword: run 1 is done; leave out --run for the next one\n")
    assert run("train", "--project", project.folder).status == 0
    first, second = runs_of(project.folder)
    assert first.model.read_bytes() != second.model.read_bytes()
    assert [noted(each)["project"]["clips"] for each in (first, second)] == [20, 21]
    assert sum("café au lait" in name for name in noted(second)["files"]) == 7
    report = read_report(second)
    assert report is not None and report["before"]["number"] == 1
    assert report["before"]["changes"] == ["4 recordings added", "1 recording removed", "clips: 20 became 21"]
    assert report["before"]["words"][0].keys() == {"word", "misses", "per_hour", "curve"}


def test_after_a_change_an_interrupted_run_is_left_and_the_next_begins(run: Command, project: Project) -> None:
    first = new_run(project.folder)
    trained = first.folder / "model.training"
    trained.mkdir()
    (trained / "checkpoint.pt").write_bytes(b"")
    done = run("train", "--project", project.folder, "--run", "1")
    assert done.status == 2
    line = "run 1 can't go on: what it began with is gone; begin the next run"
    assert done.err.splitlines()[-1] == f"wakeword: {line}" and first.status().message == line
    assert run("train", "--project", project.folder).status == 0
    assert [each.status().state for each in runs_of(project.folder)] == ["failed", "done"]
    assert (trained / "checkpoint.pt").is_file()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--keywords", "hey"], "--keywords does not go with --project, whose files say it: docs/projects.md"),
        (["--set", "hidden=8"], "--set does not go with --project, whose files say it: docs/projects.md"),
        (["--run", "7"], "there is no run 7"),
    ],
)
def test_wrong_use_makes_no_run(run: Command, project: Project, arguments: list[str], line: str) -> None:
    done = run("train", "--project", project.folder, *arguments)
    assert done.status == 2 and done.err == f"wakeword: {line}\n"
    assert runs_of(project.folder) == []


def test_a_run_is_asked_for_of_a_project_alone(run: Command) -> None:
    assert run("train", "--run", "1").err == "wakeword: --run goes with --project\n"


def test_a_run_that_was_cancelled_is_not_gone_on_with(run: Command, project: Project) -> None:
    cancelled = new_run(project.folder)
    cancelled.material.mkdir()
    cancelled.mark("cancelled")
    done = run("train", "--project", project.folder, "--run", "1")
    assert done.err == "wakeword: run 1 was cancelled; begin the next run\n"
    assert not cancelled.material.exists()


def test_a_run_that_another_process_has_just_finished_stays_done(
    run: Command, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = new_run(project.folder)

    def finish(*arguments: object) -> Run:
        made.mark("done")
        return made

    monkeypatch.setattr("wakeword.projects.continued.choose_run", finish)
    done = run("train", "--project", project.folder)
    assert (done.status, made.status().state) == (0, "done") and not made.log.exists()


def test_a_run_is_trained_by_one_process(run: Command, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wakeword.projects.locks._PATIENCE", 0.0)
    with new_run(project.folder).held():
        done = run("train", "--project", project.folder)
    assert done.err == "wakeword: run 1 is being trained by another process; wait for it, or end it\n"
