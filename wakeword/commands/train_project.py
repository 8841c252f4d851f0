"""`wakeword train --project`: the next run of a project, or the last one if it was interrupted."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from wakeword.commands.shared import progress_bar, say, show
from wakeword.commands.training import Device, make_corpus
from wakeword.errors import DataError, UsageError, WakewordError
from wakeword.files import private_opener

if TYPE_CHECKING:
    from wakeword.projects.project import Project
    from wakeword.projects.runs import Run


def train_project(folder: Path, number: int | None, fresh: bool, device: Device) -> None:
    """Train a run of a project, with its state, progress, log and report in the run's folder.

    number: of the run to go on with; None chooses. fresh: go on with nothing.

    Raises WakewordError for what can't be used, read or written; the run has then failed, with its message.
    """
    from wakeword.projects.continued import choose_run
    from wakeword.projects.project import Project

    project = Project.read(folder)
    run = choose_run(project, number, fresh)
    with run.held():
        if run.status().state == "done" and not fresh:  # perhaps just now, by another process
            say(f"run {run.number} is done; leave out --run for the next one")
            return
        run.mark("running")
        with _log(run) as log:
            text = _trained(project, run, fresh, device, log)
        run.mark("done")
    show(text)


def _trained(project: Project, run: Run, fresh: bool, device: Device, log: TextIO) -> str:
    """Train, and return what is printed at the end. A failure is noted in the run before it is raised."""
    try:
        text = _train(project, run, fresh, device, log)
        print(text, file=log)
    except WakewordError as error:
        line = _at_home(str(error), project, run)
        _fail(run, log, line)
        raise type(error)(line) from error
    except ModuleNotFoundError as error:
        _fail(run, log, f"{error.name} is not installed: pip install 'wakeword[train,synth]'")
        raise
    except Exception as error:
        with contextlib.suppress(OSError):
            log.write(traceback.format_exc())
        _fail(run, log, f"{type(error).__name__}: {error}; {run.log} tells more")
        raise
    return text


def _train(project: Project, run: Run, fresh: bool, device: Device, log: TextIO) -> str:
    """Train, and return what is printed at the end."""
    from wakeword.model.file import read_model, write_model
    from wakeword.model.measured import with_report
    from wakeword.projects.estimate import estimate
    from wakeword.projects.material import material_of
    from wakeword.projects.progress import ProgressFile
    from wakeword.projects.report import write_report
    from wakeword.projects.snapshot import begin

    def tell(line: str) -> None:
        line = _at_home(line, project, run)
        say(line)
        print(f"wakeword: {line}", file=log)

    tell(f"run {run.number} of {project.folder}")
    if fresh:
        run.progress.unlink(missing_ok=True)
    kept = begin(project, run, fresh)
    made_of = material_of(kept)
    config = kept.config(spoken=made_of.spoken, streams=bool(made_of.negatives))

    from rich.console import Console

    from wakeword.networks import fused
    from wakeword.networks.device import device_of
    from wakeword.training.finished import check_begin, is_finished
    from wakeword.training.progress import TerminalProgress, Together
    from wakeword.training.train import train

    learns_on = device_of(device)
    expected = estimate(config, made_of, project)
    file = ProgressFile(run, expected.stages, expected.utterances, expected.learned)
    corpus = make_corpus(config, made_of, tell, file.speech(progress_bar))
    lines = []
    if fresh or not is_finished(config, corpus, run.model):  # else it was killed while it was measured
        try:
            check_begin(config, corpus, run.model, fresh)
        except UsageError as error:
            raise UsageError(
                f"run {run.number} was begun with other voices or recordings than there are now; begin the next run"
            ) from error
        fused.kernel()  # compiled once on a machine, before a stage is timed
        progress = Together(TerminalProgress(), TerminalProgress(Console(file=log, width=120)), file)
        evaluation = train(config, corpus, run.model, resume=not fresh, progress=progress, device=learns_on)
        lines = [f"{run.model}: {evaluation.as_text()}"]
    file.report()
    model = read_model(run.model)
    report = write_report(run, model, corpus, made_of, config.seed, file.report)
    write_model(with_report(model, report), run.model)
    return "\n".join(filter(None, [*lines, report["verdict"], report["help"]]))


def _at_home(line: str, project: Project, run: Run) -> str:
    """Return a line with the project's own folder in place of the run's links, so that a user finds what to mend."""
    return line.replace(str(run.material), str(project.folder))


def _fail(run: Run, log: TextIO, message: str) -> None:
    """Note why a run failed, even if the disk that it failed for has no room for the log."""
    line = " ".join(message.split())
    with contextlib.suppress(OSError):
        print(f"wakeword: {line}", file=log)
    with contextlib.suppress(DataError):
        run.mark("failed", line)


@contextlib.contextmanager
def _log(run: Run) -> Iterator[TextIO]:
    """Open the log of a run, to append lines that are written at once. Raises DataError if it can't be written."""
    with contextlib.ExitStack() as opened:
        try:
            log = opened.enter_context(open(run.log, "a", 1, "utf-8", "backslashreplace", opener=private_opener))
        except OSError as error:
            raise DataError(f"{run.log} can't be written: {error.strerror}") from error
        yield log
