"""A trial of a sweep: one training, in a process that may be killed and started again on any machine."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
from dataclasses import asdict, dataclass
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from rich.console import Console

from wakeword.data.keywords import KeywordSet
from wakeword.data.speech_commands import list_clips
from wakeword.errors import DataError
from wakeword.files import write_whole
from wakeword.networks import fused
from wakeword.sweeps.grid import Trial
from wakeword.sweeps.results import Result, model_path, trial_folder, write_result
from wakeword.training.config import TrainConfig
from wakeword.training.corpus import Corpus, load_corpus
from wakeword.training.progress import EpochResult, TerminalProgress
from wakeword.training.train import train
from wakeword.training.trained import load_trained


@dataclass(frozen=True)
class Job:
    """The work that all trials of a sweep share."""

    keywords: KeywordSet
    data: Path
    extra: Path | None
    folder: Path  # of the sweep; every worker sees it, and the data, at the same path
    seeds: int
    parallel: int | None  # trials side by side, at most
    test: bool  # measure each model on the test list, too


class ProgressFile(TerminalProgress):
    """The progress of a run in a file instead of a terminal: host, process, last epoch, seconds.

    The seconds go on from those of a killed run, up to its last whole epoch.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(Console(quiet=True))
        self._path = path
        before = json.loads(path.read_text())["seconds"] if path.is_file() else 0.0
        self._start = time.monotonic() - before

    @property
    def seconds(self) -> float:
        """Seconds of training so far."""
        return time.monotonic() - self._start

    def epoch(self, result: EpochResult) -> None:
        super().epoch(result)
        entry = {"host": platform.node(), "pid": os.getpid(), "seconds": self.seconds} | asdict(result)
        write_whole(self._path, json.dumps(entry).encode())


def corpus_digest(data: Path, extra: Path | None) -> str:
    """Return a digest of the names and splits of the clips, wherever their folders lie.

    Raises DataError for a folder that can't be used.
    """
    digest = hashlib.sha256()
    for root in filter(None, (data, extra)):
        for split in ("training", "validation"):
            names = [clip.path.relative_to(root).as_posix() for clip in list_clips(root, split)]
            digest.update("\n".join([split, *names, ""]).encode())
    return digest.hexdigest()


def run_trial(trial: Trial, job: Job) -> Result:
    """Train and measure a model, and write its result to the sweep's folder; an interrupted trial goes on.

    Raises WakewordError if the data or the folder can't be used.
    """
    for folder in filter(None, (job.data, job.extra, job.folder)):
        if not folder.is_dir():
            raise DataError(
                f"{platform.node()} has no folder {folder}: every machine of a cluster must see it at this path"
            )
    fused.kernel()  # compiled once for all runs on a machine, so it is not timed
    model = model_path(job.folder, trial.name)
    corpus = _corpus(trial.config.seed, job.keywords, job.data, job.extra)
    progress = ProgressFile(trial_folder(job.folder, trial.name) / "progress.json")
    validation = train(trial.config, corpus, model, teacher_file=_teacher_file(trial, job), progress=progress)
    seconds = progress.seconds
    trained = load_trained(model, job.keywords)
    accuracies = {"validation": {"float": validation.accuracy}}
    if trained.model is not None:
        floats = trained.model.provenance["float_validation_accuracy"]
        accuracies = {"validation": {"integer": validation.accuracy, "float": floats}}
    if job.test:
        accuracies |= measure_test(model, job.keywords, job.data)
    result = Result(
        trial=trial.name,
        keywords=job.keywords.name,
        preset=trial.point.preset,
        cell=trial.point.cell,
        settings=trial.settings,
        seed=trial.seed,
        weights=trained.weights,
        accuracies=accuracies,
        bytes=trained.size,
        multiplications=trained.multiplications,
        seconds=seconds,
        trained_words=_words(job),
        machine=_machine(),
        parallel=job.parallel,
        version=version("wakeword"),
        command=_command(trial, job),
        config=asdict(trial.config),
    )
    write_result(job.folder, result)
    return result


@lru_cache(maxsize=1)
def _corpus(seed: int, keywords: KeywordSet, data: Path, extra: Path | None) -> Corpus:
    """Load the corpus, or return the worker's last one: trials of one seed follow each other, and loading takes long.

    Of all that a sweep may set, only the seed changes it.
    """
    return load_corpus(TrainConfig(seed=seed), keywords, data, extra)


def measure_test(model: Path, keywords: KeywordSet, data: Path) -> dict[str, dict[str, float]]:
    """Measure on the test list: with all its unknown words, and by the Speech Commands protocol.

    Raises WakewordError for a model or data that can't be used.
    """
    trained = load_trained(model, keywords)
    return {
        "test": trained.accuracy(data, "test"),
        "test, protocol": trained.accuracy(data, "test", protocol=True),
    }


def _teacher_file(trial: Trial, job: Job) -> Path:
    """Return the teacher's file. All trials with the same teacher share it: the first one trains it."""
    digest = hashlib.sha256(f"{trial.config.distillation.teacher}".encode()).hexdigest()
    return job.folder / f"teacher-{digest[:8]}.pt"


def _words(job: Job) -> list[str]:
    """Return all words with training clips, keywords or not."""
    clips = list_clips(job.data, "training") + list_clips(job.data, "validation")
    if job.extra is not None:
        clips += list_clips(job.extra, "all")
    return sorted({clip.word for clip in clips if not clip.word.startswith("_")})


def _command(trial: Trial, job: Job) -> str:
    extra = " --extra EXTRA" if job.extra else ""
    where = f"--keywords {job.keywords.name} --data DATA{extra} --out FOLDER"
    return f"wakeword sweep {where} {trial.point.options()} --seeds {job.seeds}"


def _machine() -> str:
    return f"{_processor()}, {os.cpu_count()} cores"


def _processor() -> str:
    """Return the processor's model name, if the system knows it."""
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
