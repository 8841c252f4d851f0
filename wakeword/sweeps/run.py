"""Trainings side by side, on this machine or on a cluster, as trials of Ray Tune (Liaw et al., arXiv:1807.05118).

Ray places the trials, and restarts a trial whose worker died; the trial goes on from its own checkpoint. All results
are in the sweep's folder, so that an interrupted sweep goes on without Ray's files.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Ray reads these when it is imported: no usage reports, no tables, no output of its daemons, and Ctrl-C is left to the
# command.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_AIR_NEW_OUTPUT", "0")
os.environ.setdefault("RAY_DEDUP_LOGS_SKIP_REGEX", "(?s).")
os.environ.setdefault("TUNE_DISABLE_AUTO_CALLBACK_LOGGERS", "1")
os.environ.setdefault("TUNE_DISABLE_SIGINT_HANDLER", "1")

import filelock
from ray import tune
from ray.tune.progress_reporter import TrialProgressCallback

from wakeword.cluster import session
from wakeword.errors import UsageError, WakewordError
from wakeword.networks import fused
from wakeword.sweeps.grid import Trial
from wakeword.sweeps.results import Result, gather
from wakeword.sweeps.trial import Job, run_trial

_DEATHS = 5  # workers of a trial that may die; with one more, the trial fails
_SCRATCH = ".ray"  # Ray's own files, in the sweep's folder, which all machines see

Say = Callable[[str], None]


def sweep(
    trials: list[Trial], job: Job, address: str | None, say: Say, begin: Callable[[], None] = lambda: None
) -> list[Result]:
    """Run the trials that have no result yet, and say a line as each ends. Returns the results of all.

    address: of a Ray cluster; None for this machine alone. begin: called before the first trial, if any is left and
    the cluster answers. Raises UsageError if another sweep runs in the folder, and
    WakewordError if no cluster answers or a trial fails.
    """
    job.folder.mkdir(parents=True, exist_ok=True)
    with _alone(job.folder):
        names = {trial.name for trial in trials}
        done = {result.trial for result in gather(job.folder)}
        left = [trial for trial in trials if trial.name not in done]
        if len(left) < len(trials):
            say(f"{len(trials) - len(left)} of {len(trials)} trials are done already")
        failures = _run(left, job, address, say, begin) if left else {}
        results = [result for result in gather(job.folder) if result.trial in names]
    if failures:
        name, reason = next(iter(failures.items()))
        raise WakewordError(
            f"{len(failures)} of {len(trials)} trials failed, the first of them {name} ({reason}); "
            "the same command tries them again"
        )
    return results


class _Reporter(TrialProgressCallback):
    """Says how each trial ended, updates the table, and keeps the failures; it replaces Ray's reporter."""

    def __init__(self, trials: list[Trial], job: Job, say: Say) -> None:
        super().__init__()
        self._trials = {trial.name: trial for trial in trials}
        self._folder, self._say = job.folder, say
        self.failures: dict[str, str] = {}

    def on_trial_result(self, *arguments: Any, **info: Any) -> None:
        pass  # comes together with the trial's end

    def on_trial_complete(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        name, failure = trial.config["name"], trial.last_result.get("failure")
        found = [result for result in gather(self._folder) if result.trial == name]
        if failure is None and not found:
            failure = f"its result is not in {self._folder}, which every machine of a cluster must see at this path"
        if failure is not None:
            self._failed(name, failure)
        else:
            self._say(f"{_title(self._trials[name])}: {_findings(found[0])}")

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        self._failed(trial.config["name"], f"its worker died {_DEATHS + 1} times")

    def on_trial_recover(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        self._say(f"{_title(self._trials[trial.config['name']])}: its worker died; it goes on from its last epoch")

    def _failed(self, name: str, reason: str) -> None:
        self.failures[name] = reason
        self._say(f"{_title(self._trials[name])}: failed: {reason}")


def _run(trials: list[Trial], job: Job, address: str | None, say: Say, begin: Callable[[], None]) -> dict[str, str]:
    """Run all trials. Returns the reasons of failures, by trial."""
    fused.kernel()  # compiled here once, since a worker may be killed while it compiles
    scratch = job.folder / _SCRATCH
    shutil.rmtree(scratch, ignore_errors=True)  # of a sweep that was killed
    reporter = _Reporter(trials, job, say)
    logging.getLogger("ray.tune").setLevel(logging.CRITICAL)  # the reporter says it in a line
    with session(address, job.parallel):
        begin()
        work = tune.with_parameters(_work, trials={trial.name: trial for trial in trials}, job=job)
        tuner = tune.Tuner(
            tune.with_resources(work, {"cpu": 1}),
            param_space={"name": tune.grid_search([trial.name for trial in trials])},
            tune_config=tune.TuneConfig(max_concurrent_trials=job.parallel, reuse_actors=True),
            run_config=tune.RunConfig(
                name="sweep",
                storage_path=str(scratch),
                failure_config=tune.FailureConfig(max_failures=_DEATHS),
                callbacks=[reporter],
                verbose=0,
            ),
        )
        tuner.fit()
    shutil.rmtree(scratch, ignore_errors=True)
    return reporter.failures


def _work(config: dict[str, str], trials: dict[str, Trial], job: Job) -> None:
    """Run a trial in a worker. An error is reported, not raised: only a trial whose worker dies is restarted."""
    failure = None
    try:
        run_trial(trials[config["name"]], job)
    except WakewordError as error:
        failure = str(error)
    except Exception as error:
        failure = f"{type(error).__name__}: {error}"
    tune.report({"failure": failure})


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock: two sweeps in one folder would train the same trials. Raises UsageError."""
    try:
        with filelock.FileLock(folder / ".lock", timeout=0):
            yield
    except filelock.Timeout:
        raise UsageError(f"another sweep is running in {folder}; wait for it, or give another --out") from None


def _title(trial: Trial) -> str:
    settings = [f"{name}={value}" for name, value in trial.settings.items()]
    return " ".join([trial.point.preset, *filter(None, [trial.point.cell]), *settings, f"seed {trial.seed}"])


def _findings(result: Result) -> str:
    shares = result.accuracies["validation"]
    beside = f" (in float {shares['float']:.2%})" if "integer" in shares else " in float"
    share = result.accuracy("validation")
    return f"{share:.2%}{beside} of the validation clips, {result.bytes:,} bytes, {result.seconds:,.0f} s"
