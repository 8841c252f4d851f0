"""The progress of a training run: who is told, a live bar on a terminal, and a line for each epoch elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar


@dataclass(frozen=True)
class EpochResult:
    """The result of one epoch."""

    epoch: int  # counted from 0
    stage: str
    loss: float
    accuracy: float | None  # on the validation clips, by the latest validation; None before the first
    missed: float | None = None  # fraction of the validation clips of keywords that get another label
    false_accepts: float | None = None  # other validation clips that get a keyword's label, for an hour of them


class Progress(Protocol):
    """Whoever is told how a training goes on. The teacher and the network are each begun and ended."""

    def begin(self, stage_of: Callable[[int], str], epochs: int, training_clips: int, first_epoch: int) -> None:
        """Hear that epochs begin, at `first_epoch`; `stage_of` names the stage of an epoch."""

    def step(self, epoch: int, share: float, loss: float) -> None:
        """Hear that a share of an epoch, counted from 0, is done."""

    def epoch(self, result: EpochResult) -> None:
        """Hear the result of a finished epoch. Its checkpoint is written."""

    def end(self) -> None:
        """Hear that the epochs are over, or broken off."""


class Together:
    """Tells several."""

    def __init__(self, *told: Progress) -> None:
        self._told = told

    def begin(self, stage_of: Callable[[int], str], epochs: int, training_clips: int, first_epoch: int) -> None:
        """Tell all."""
        for each in self._told:
            each.begin(stage_of, epochs, training_clips, first_epoch)

    def step(self, epoch: int, share: float, loss: float) -> None:
        """Tell all."""
        for each in self._told:
            each.step(epoch, share, loss)

    def epoch(self, result: EpochResult) -> None:
        """Tell all."""
        for each in self._told:
            each.epoch(result)

    def end(self) -> None:
        """Tell all."""
        for each in self._told:
            each.end()


class TerminalProgress:
    """A bar over all epochs, with stage, loss, validation accuracy and time left."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("epoch {task.fields[epoch]}  loss {task.fields[loss]}  accuracy {task.fields[accuracy]}"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self._console,
        )
        self._task: TaskID | None = None

    def begin(self, stage_of: Callable[[int], str], epochs: int, training_clips: int, first_epoch: int) -> None:
        """Start the bar of a run that begins at `first_epoch`; `stage_of` names the stage of an epoch."""
        current = min(first_epoch, epochs - 1)  # a run may have been broken off after its last epoch
        start = f"resuming at epoch {current + 1}" if 0 < first_epoch < epochs else "starting"
        if first_epoch >= epochs:
            start = "resuming after the last epoch"
        self._console.print(f"{start}: {training_clips} training clips, {epochs} epochs")
        self._stage_of = stage_of
        self._task = self._bar.add_task(
            stage_of(current),
            total=epochs,
            completed=first_epoch,
            epoch=current + 1,
            loss="-",
            accuracy="-",
        )
        if self._console.is_terminal:
            self._bar.start()

    def step(self, epoch: int, share: float, loss: float) -> None:
        """Show that a share of an epoch, counted from 0, is done."""
        assert self._task is not None
        self._bar.update(
            self._task,
            completed=epoch + share,
            description=self._stage_of(epoch),
            epoch=epoch + 1,
            loss=f"{loss:.3f}",
        )

    def epoch(self, result: EpochResult) -> None:
        """Show the result of a finished epoch."""
        assert self._task is not None
        if result.accuracy is not None:
            self._bar.update(self._task, accuracy=f"{result.accuracy:.1%}")
        if not self._console.is_terminal:
            accuracy = "" if result.accuracy is None else f", validation accuracy {result.accuracy:.2%}"
            self._console.print(f"epoch {result.epoch + 1} ({result.stage}): loss {result.loss:.3f}{accuracy}")

    def end(self) -> None:
        """Remove the bar, after a finished or an interrupted run."""
        self._bar.stop()
        if self._task is not None:
            self._bar.remove_task(self._task)
            self._task = None
