"""Who leads a speaker through takes: the terminal, which asks after each, or nobody, who keeps what can be kept."""

from __future__ import annotations

import click

from featurizer import SAMPLE_RATE
from wakeword.errors import WakewordError
from wakeword.live.record import Answer, Fault, Take

MOST_FAULTS = 5  # takes in a row that come to nothing, where nobody is asked whether to go on

_AFTER_FAULT = {"a": Answer.AGAIN, "q": Answer.STOP}
_AFTER_TAKE = {"k": Answer.KEEP, **_AFTER_FAULT}
_WORDS = {"k": "k keep", "a": "a again", "q": "q quit"}


class Terminal:
    """Leads by lines on stdout, and asks after each take."""

    def take(self, number: int, takes: int) -> None:
        click.echo(f"take {number} of {takes}: ", nl=False)

    def count(self, number: int) -> None:
        click.echo(f"{number} " if number else "speak! ", nl=False)

    def ask(self, heard: Take | Fault) -> Answer:
        click.echo(_line(heard))
        answers = _AFTER_FAULT if isinstance(heard, Fault) else _AFTER_TAKE
        choice = click.Choice(list(answers))
        text = ", ".join(_WORDS[letter] for letter in answers)
        return answers[click.prompt(text, type=choice, default=next(iter(answers)), show_choices=False)]


class Unattended(Terminal):
    """Asks nothing, and raises WakewordError after `MOST_FAULTS` takes in a row that can't be kept."""

    def __init__(self) -> None:
        self._faults = 0

    def ask(self, heard: Take | Fault) -> Answer:
        click.echo(_line(heard))
        if isinstance(heard, Take):
            self._faults = 0
            return Answer.KEEP
        self._faults += 1
        if self._faults == MOST_FAULTS:
            raise WakewordError(f"{MOST_FAULTS} takes in a row were of no use; the last was {heard.value}")
        return Answer.AGAIN


def _line(heard: Take | Fault) -> str:
    if isinstance(heard, Fault):
        return heard.value
    return f"{len(heard.clip) / SAMPLE_RATE:.1f} s at {heard.level:.0f} dBFS"
