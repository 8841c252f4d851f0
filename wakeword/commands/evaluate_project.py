"""`wakeword eval --project`: what a run of a project raises in the project's long recordings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wakeword.commands.shared import progress, say, show

if TYPE_CHECKING:
    from wakeword.projects.false_accepts import FalseAccepts
    from wakeword.projects.project import Project
    from wakeword.projects.runs import Run

_SHARES = 1000  # of the progress


def evaluate_project(folder: Path, number: int | None, clips: Path | None, as_json: bool) -> None:
    """Let the model of a run hear the recordings in `negatives/`, and tell what it raised; the run's folder keeps it.

    number: of the run; None takes the latest that has a model. clips: a folder for the audio around what was raised.

    Raises WakewordError for what can't be used, read or written.
    """
    from wakeword.projects.false_accepts import false_accepts
    from wakeword.projects.heard import hear
    from wakeword.projects.hearing import heard_by_us
    from wakeword.projects.project import Project

    project = Project.read(folder)
    run = _run(project, number)
    with heard_by_us(run) as noted:

        def tell(share: float) -> None:
            noted(share)
            progress(round(share * _SHARES), _SHARES)

        hear(project, run, tell)
    found = false_accepts(project, run)
    if as_json:
        click.echo(json.dumps(_as_json(run, found)))
    else:
        show("\n".join(_lines(run, found)))
    if clips is not None:
        _write_clips(project, found, clips)


def _run(project: Project, number: int | None) -> Run:
    from wakeword.errors import UsageError
    from wakeword.projects.runs import run_of, runs_of

    if number is not None:
        run = run_of(project.folder, number)
        if not run.model.is_file():
            raise UsageError(f"run {number} has no model yet; train it first")
        return run
    done = [run for run in runs_of(project.folder) if run.model.is_file()]
    if not done:
        raise UsageError(f"{project.folder} has no model yet: wakeword train --project {project.folder}")
    return done[-1]


def _lines(run: Run, found: FalseAccepts) -> list[str]:
    lines = [f"run {run.number}, all words together"]
    lines += [f"  {_rate(found.rate())}"] if found.recordings else ["  there are no recordings in negatives/"]
    if 0 < sum(not trained for _, trained in found.recordings) < len(found.recordings):
        lines.append(f"  {_rate(found.rate(unseen=True))}, of recordings that it was not trained on")
    elif found.recordings and all(trained for _, trained in found.recordings):
        lines.append("  it was trained on all of these recordings, so they tell little of others")
    lines += [f"  {heard.problem}" for heard, _ in found.recordings if heard.problem]
    return lines + [
        f"  {_WHAT[each.verdict]}: {each.word} {each.score:.3f} at {each.time:.2f} s of {each.recording}"
        for each in found.raised
    ]


_WHAT = {None: "raised", "wrong": "false accept, filed", "right": "was said", "ignored": "raised, ignored"}


def _rate(rate: dict[str, Any]) -> str:
    count, hours = rate["count"], rate["hours"]
    if rate["per_hour"] is None:
        return "false accepts  of no hours"
    return (
        f"false accepts  {rate['per_hour']:.2f}/h, {count} in {hours:.2f} h, "
        f"interval {rate['low']:.2f} to {rate['high']:.2f}"
    )


def _as_json(run: Run, found: FalseAccepts) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "run": run.number,
        "all": found.rate(),
        "unseen": found.rate(unseen=True),
        "raised": [asdict(each) for each in found.raised],
        "problems": [heard.problem for heard, _ in found.recordings if heard.problem],
    }


def _write_clips(project: Project, found: FalseAccepts, folder: Path) -> None:
    from wakeword.evaluation.false_accept_clips import write_clips
    from wakeword.evaluation.scoring import Detection

    wrong = [each for each in found.raised if each.verdict != "right"]
    places = [(each, str(project.negatives / each.recording)) for each in wrong]
    written = write_clips([Detection(each.word, each.score, file, each.time, None) for each, file in places], folder)
    say(f"wrote the audio of {len(written)} false accepts to {folder}")
