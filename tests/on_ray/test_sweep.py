"""A sweep on a real Ray with two workers: killed trials go on, finished ones stay, failures are reported."""

from __future__ import annotations

import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import filelock
import pytest

from tests.waits import PATIENCE
from tests.wakeword.terminal import Run, refusal, started, wakeword
from tests.wakeword.tones import write_tones
from wakeword.data.keywords import keyword_set
from wakeword.errors import WakewordError
from wakeword.evaluation.accuracy import evaluate
from wakeword.model.file import read_model
from wakeword.model.size import model_size
from wakeword.sweeps.grid import Grid, parse_dimensions, trials
from wakeword.sweeps.results import TABLE, Result, model_path, read_table
from wakeword.sweeps.run import sweep
from wakeword.sweeps.trial import Job, corpus_digest, run_trial

KEYWORDS = keyword_set("low,high")
SHORT = ["low_rank=20", "sparse=2", "quantized=2", "hidden=8", "rank_w=4", "rank_u=4", "batch_size=16", "least=1"]
KILLED_AFTER = 5  # epochs


@dataclass(frozen=True)
class Kill:
    """A worker that was killed in the middle of its trial, and the worker that went on with it."""

    trial: str
    next_epoch: int  # the first that the next worker had trained


@dataclass(frozen=True)
class Swept:
    """A sweep of four trials, one of whose workers was killed."""

    job: Job
    grid: Grid
    results: list[Result]
    said: list[str]
    kill: Kill
    seconds: float  # from its begin to its end


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tones(tmp_path_factory.mktemp("tones"), clips=20)


def sweep_all(grid: Grid, job: Job, said: list[str]) -> list[Result]:
    return sweep(trials(grid, job.keywords, corpus_digest(job.data, job.extra)), job, None, said.append)


def kill_one(folder: Path) -> Kill:
    """Kill the first worker that is some epochs into its trial, and wait for the next one's first."""
    deadline = time.monotonic() + PATIENCE
    victim: tuple[Path, int] | None = None
    while time.monotonic() < deadline:
        for path in folder.glob("trials/*/progress.json"):
            progress = json.loads(path.read_text())
            # An older file may be that of a trial that has ended, whose worker is at another.
            if victim is None and KILLED_AFTER <= progress["epoch"] < KILLED_AFTER + 10:
                victim = path, progress["pid"]
                os.kill(progress["pid"], signal.SIGKILL)
            elif victim is not None and path == victim[0] and progress["pid"] != victim[1]:
                return Kill(path.parent.name, progress["epoch"])
        time.sleep(0.005)
    raise TimeoutError("no worker went on")


@pytest.fixture(scope="module")
def swept(cluster: str, tones: Path, tmp_path_factory: pytest.TempPathFactory) -> Swept:
    job = Job(KEYWORDS, tones, None, tmp_path_factory.mktemp("swept"), seeds=2, parallel=2, test=True)
    grid = Grid(("small",), (None,), parse_dimensions([*SHORT, "density=0.4,1"], None), seeds=2)
    said: list[str] = []
    with ThreadPoolExecutor() as watcher:
        kill = watcher.submit(kill_one, job.folder)
        begin = time.monotonic()
        results = sweep_all(grid, job, said)
        return Swept(job, grid, results, said, kill.result(), time.monotonic() - begin)


def test_each_combination_is_trained_with_each_seed(swept: Swept) -> None:
    found = {(result.settings["density"], result.seed) for result in swept.results}
    assert found == {(0.4, 0), (1.0, 0), (0.4, 1), (1.0, 1)} and len(swept.results) == 4


def test_a_trial_whose_worker_is_killed_goes_on_from_its_last_epoch(swept: Swept) -> None:
    assert swept.kill.next_epoch > KILLED_AFTER
    assert swept.kill.trial in {result.trial for result in swept.results}
    assert sum("its worker died; it goes on" in line for line in swept.said) == 1


def test_a_line_tells_of_each_trial_as_it_ends(swept: Swept) -> None:
    ends = [line for line in swept.said if " of the validation clips, " in line]
    assert len(ends) == 4
    assert any(line.startswith("small low_rank=20 ") and "density=0.4 seed 1: " in line for line in ends)


def test_the_table_has_the_cost_and_accuracy_of_each_model(swept: Swept) -> None:
    assert read_table(swept.job.folder) == swept.results
    for result in swept.results:
        model = read_model(model_path(swept.job.folder, result.trial))
        assert result.bytes == sum(model_size(model).values())
        assert result.accuracies["validation"]["integer"] == model.provenance["validation_accuracy"]
        assert result.accuracies["test"]["integer"] == evaluate(model, swept.job.data).accuracy
        assert result.accuracies["test, protocol"].keys() == {"integer", "float"}
        assert (result.weights, result.parallel, result.trained_words) == ("int8", 2, ["high", "low", "other"])
        assert 0 < result.seconds < swept.seconds and result.config["stages"]["low_rank"] == 20
        assert result.command.startswith("wakeword sweep --keywords low,high --data DATA --out FOLDER --preset small ")
        assert result.command.endswith("--seeds 2")


def test_a_second_run_of_the_same_sweep_runs_nothing(swept: Swept) -> None:
    table, said = swept.job.folder / TABLE, list[str]()
    before = table.read_bytes(), [path.stat().st_mtime_ns for path in swept.job.folder.glob("trials/*/*")]
    assert sweep_all(swept.grid, swept.job, said) == swept.results
    assert said == ["4 of 4 trials are done already"]
    assert before == (table.read_bytes(), [path.stat().st_mtime_ns for path in swept.job.folder.glob("trials/*/*")])


def test_a_trial_that_cannot_be_trained_fails_alone_and_is_not_tried_again(swept: Swept) -> None:
    never_recorded = keyword_set("low,nobody")
    said: list[str] = []
    with pytest.raises(WakewordError, match=r"1 of 1 trials failed, .*nobody"):
        sweep_all(replace(swept.grid, seeds=1, settings={}), replace(swept.job, keywords=never_recorded), said)
    assert len(said) == 1 and "failed: " in said[0] and "nobody" in said[0]
    assert read_table(swept.job.folder) == swept.results


def test_a_killed_command_goes_on_where_it_was(cluster: str, tones: Path, tmp_path: Path, run: Run) -> None:
    settings = [*SHORT, "density=0.4,0.6,1"]
    where = ["--keywords", "low,high", "--data", tones, "--out", tmp_path]
    options = ["--preset", "small", "--parallel", "1", *(text for value in settings for text in ("--set", value))]
    with started("sweep", *where, *options, "--address", cluster) as process:
        assert process.stdout is not None
        first = process.stdout.readline().decode()
        process.kill()
    assert "density=0.4 seed 0: " in first

    said: list[str] = []
    job = Job(KEYWORDS, tones, None, tmp_path, seeds=1, parallel=1, test=False)
    sweep_all(Grid(("small",), (None,), parse_dimensions(settings, None), seeds=1), job, said)
    assert said[0] == "1 of 3 trials are done already"
    assert [line.partition("density=")[2].partition(":")[0] for line in said[1:]] == ["0.6 seed 0", "1.0 seed 0"]

    done = run("sweep", *where, *options)
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines() == ["3 of 3 trials are done already", f"3 trials: {tmp_path / TABLE}"]


def test_a_machine_that_does_not_see_the_data_says_so(swept: Swept) -> None:
    elsewhere = replace(swept.job, data=Path("/seen/by/others"))
    (trial, *_) = trials(swept.grid, KEYWORDS, "of clips that are not here")
    with pytest.raises(WakewordError, match="has no folder /seen/by/others: every machine of a cluster must see it"):
        run_trial(trial, elsewhere)


def test_one_sweep_at_a_time_runs_in_a_folder(swept: Swept) -> None:
    with filelock.FileLock(swept.job.folder / ".lock"), pytest.raises(WakewordError, match="another sweep is running"):
        sweep_all(swept.grid, swept.job, [])


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--set", "seed=1,2"], "--set seed is not for a sweep: --seeds counts the seeds"),
        (["--cell", "transformer"], "there is no network 'transformer'"),
        (["--set", "hidden=8..16"], "say how many combinations to draw with --samples N"),
        (["--data", "/nowhere"], "there is no folder /nowhere"),
    ],
)
def test_wrong_use_is_one_line(tones: Path, tmp_path: Path, arguments: list[str], line: str, run: Run) -> None:
    where = ["--keywords", "low,high", "--data", tones, "--out", tmp_path, "--preset", "small"]
    done = run("sweep", *where, *arguments)
    (said,) = done.err.splitlines()
    assert done.status == 2 and said.startswith("wakeword: ") and line in said


def test_a_cluster_that_does_not_answer_is_one_line(tones: Path, tmp_path: Path) -> None:
    where = ["--keywords", "low,high", "--data", tones, "--out", tmp_path, "--preset", "small"]
    done = wakeword("sweep", *where, "--address", "127.0.0.1:1")  # in this process, it would find the open session
    assert "no Ray cluster answers at 127.0.0.1:1" in refusal(done)
