"""Which run a training goes on with: the last one if it is not over and nothing has changed since, else a new one."""

from __future__ import annotations

from wakeword.errors import UsageError
from wakeword.projects.project import Project
from wakeword.projects.runs import ENDED, Run, new_run, run_of, runs_of
from wakeword.projects.snapshot import has_trained, is_changed


def choose_run(project: Project, number: int | None, fresh: bool) -> Run:
    """Return the run to train.

    number: of the run; None chooses. fresh: a new one, unless a number is given.

    Raises:
        DataError: there is no run of this number.
        UsageError: it was cancelled.
    """
    if number is not None:
        run = run_of(project.folder, number)
        if run.status().state == "cancelled":
            raise UsageError(f"run {number} was cancelled; begin the next run")
        return run
    last = max(runs_of(project.folder), key=lambda run: run.number, default=None)
    if last is None or fresh or last.status().state in ENDED - {"failed"}:
        return new_run(project.folder)
    return new_run(project.folder) if has_trained(last) and is_changed(project, last) else last
