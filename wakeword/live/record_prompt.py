"""Prompts for `wakeword record`: a terminal that asks after each take, and one that decides by itself."""

from __future__ import annotations

import click

from featurizer import SAMPLE_RATE
from wakeword.errors import DataError
from wakeword.live.record import Answer
from wakeword.live.take import Fault, Take

MOST_FAULTS = 5  # faulty takes in a row after which an unattended recording ends

_AFTER_FAULT = {"a": Answer.AGAIN, "q": Answer.STOP}
_AFTER_TAKE = {"k": Answer.KEEP, **_AFTER_FAULT}
_CHOICES = {"k": "k keep", "a": "a again", "q": "q quit"}


class TerminalPrompt:
    """Prints the countdown to stdout, and asks after each take."""

    def take(self, number: int, takes: int) -> None:
        click.echo(f"take {number} of {takes}: ", nl=False)

    def count(self, number: int) -> None:
        click.echo(f"{number} " if number else "speak! ", nl=False)

    def ask(self, outcome: Take | Fault) -> Answer:
        click.echo(_line(outcome))
        answers = _AFTER_FAULT if isinstance(outcome, Fault) else _AFTER_TAKE
        choice = click.Choice(list(answers))
        text = ", ".join(_CHOICES[letter] for letter in answers)
        return answers[click.prompt(text, type=choice, default=next(iter(answers)), show_choices=False)]


class UnattendedPrompt(TerminalPrompt):
    """Keeps each good take without asking.

    `ask` raises DataError after `MOST_FAULTS` faulty takes in a row.
    """

    def __init__(self) -> None:
        self._faults = 0

    def ask(self, outcome: Take | Fault) -> Answer:
        click.echo(_line(outcome))
        if isinstance(outcome, Take):
            self._faults = 0
            return Answer.KEEP
        self._faults += 1
        if self._faults == MOST_FAULTS:
            raise DataError(f"{MOST_FAULTS} takes in a row failed; the last was {outcome.value}")
        return Answer.AGAIN


def _line(outcome: Take | Fault) -> str:
    if isinstance(outcome, Fault):
        return outcome.value
    return f"{len(outcome.clip) / SAMPLE_RATE:.1f} s at {outcome.level:.0f} dBFS"
