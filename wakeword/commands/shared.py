"""Options and messages that several commands share."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from wakeword.errors import ModelError, UsageError

if TYPE_CHECKING:
    from wakeword.data.keywords import KeywordSet
    from wakeword.model.file import Model

Command = TypeVar("Command", bound=Callable[..., Any])

MAX_WINDOW = 60.0  # seconds after a word in which its detection may count


class _Path(click.Path):
    """A path. An empty one, of a variable that a shell doesn't have, is refused: it would be the current folder."""

    def __init__(self, *, file_okay: bool = True, dir_okay: bool = True) -> None:
        super().__init__(path_type=Path, file_okay=file_okay, dir_okay=dir_okay)

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        if not os.fspath(value):
            self.fail("the path is empty; give one, or . for the current folder", param, ctx)
        return super().convert(value, param, ctx)


PATH = _Path()
FILE = _Path(dir_okay=False)
FOLDER = _Path(file_okay=False)

model_option = click.option(
    "--model", metavar="M", help="A model file, or the name of a shipped model.  [default: google12]"
)
device_option = click.option(
    "--device", metavar="D", help="The microphone: its index, or a part of its name.  [default: the system's]"
)
data_option = click.option(
    "--data", type=PATH, metavar="DIR", help="A folder of clips for each word.  [default: Speech Commands, downloaded]"
)
extra_option = click.option("--extra", type=PATH, metavar="DIR", help="More training clips, a folder for each word.")
positives_option = click.option(
    "--positives", type=FOLDER, metavar="DIR", help="Folder of clips of one word, or with a folder for each word."
)
word_option = click.option("--word", metavar="WORD", help="Word spoken in the positives.  [default: the folder's name]")
jobs_option = click.option(
    "--jobs",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="N",
    help="Number of processes for streams and positives.",
)
address_option = click.option(
    "--address", metavar="ADDRESS", help="Ray cluster to run on; local starts one on this machine."
)
language_option = click.option(
    "--language",
    metavar="CODE",
    help="Language of the phrases: en-us, de, fr, zh, ... (docs/languages.md).  [default: by their letters, or en-us]",
)
say_option = click.option(
    "--say",
    "said",
    multiple=True,
    metavar="PHRASE=HOW",
    help='How a phrase or a word of it sounds: nguyen=win, or IPA, "lumen=/ˈluːmən/". Repeatable, also for one phrase.',
)


class Number(click.FloatRange):
    """A number of a range with two ends. NaN is refused: it is neither below one nor above it."""

    def __init__(self, low: float, high: float, *, open_low: bool = False, open_high: bool = False) -> None:
        super().__init__(low, high, min_open=open_low, max_open=open_high)

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = float(super().convert(value, param, ctx))  # type: ignore[arg-type]  # click takes strings
        if math.isnan(number):
            self.fail(f"{value} is no number", param, ctx)
        return number


def seed_option(purpose: str) -> Callable[[Command], Command]:
    """Return the option --seed of a command. purpose: its help."""
    return click.option("--seed", type=click.IntRange(0), default=0, show_default=True, metavar="N", help=purpose)


def say(message: str) -> None:
    """Print a line to stderr: a program may read stdout."""
    _print(f"wakeword: {message}", sys.stderr)


def show(text: str) -> None:
    """Print a result to stdout."""
    _print(text, sys.stdout)


def _print(text: str, out: TextIO) -> None:
    """Print text. On a terminal, numbers stay behind words that are written from right to left."""
    if out.isatty():
        from wakeword.columns import left_to_right

        text = left_to_right(text)
    click.echo(text, file=out)


def say_guess(words: KeywordSet, language: str | None) -> None:
    """Say which language phrases are taken for, if none is given and their letters leave it in doubt, as in "café"."""
    from wakeword.phrases.language import EN_US

    spoken = words.spoken
    doubtful = [word for word in words.words if not word.isascii() and word not in spoken.said]
    if language is None and spoken.language is EN_US and doubtful:
        say(f"{doubtful[0]!r} is taken for {EN_US.name}; name another language by --language, such as fr")


def say_unread(paths: Iterable[Path]) -> None:
    """Print a line for each folder among the paths that holds audio, in it or below it, of a kind that is not read."""
    from wakeword.audio.files import unread_lines

    for line in unread_lines(paths):
        say(line)


def data_or_download(folder: Path | None) -> Path:
    """Return the data folder given, else Speech Commands in the user's cache, downloaded if need be.

    Raises:
        DataError: The download fails.
    """
    if folder is not None:
        return folder
    from wakeword.data.download import download_speech_commands

    return download_speech_commands()


def with_thresholds(models: Sequence[Model], texts: Iterable[str]) -> list[Model]:
    """Return models with the thresholds that --threshold gives: `0.7` for all words, `WORD=0.7` for one of any model.

    The last text for a word counts, and one for a word counts more than one for all.

    Raises:
        UsageError: A text is not of this form, or its threshold is not between 0 and 1.
        ModelError: No model has such a word.
    """
    from wakeword.model.labels import spelled

    words = tuple(dict.fromkeys(word for model in models for word in model.keywords))
    common: dict[str, float] = {}
    own: dict[str, float] = {}
    for text in texts:
        word, equals, number = (part.strip() for part in text.rpartition("="))
        try:
            threshold = float(number)
            if bool(word) != bool(equals) or "=" in word:
                raise ValueError
        except ValueError:
            raise UsageError(
                f"--threshold {text!r} is neither a number such as 0.7 nor WORD=0.7; repeat the option for more words"
            ) from None
        if equals:
            own[word] = threshold
        else:
            common = dict.fromkeys(words, threshold)
    chosen = dict(common)
    for name, threshold in own.items():
        if (known := spelled(name, words)) is None:
            raise ModelError(f"there is no word {name!r}; the words are {', '.join(words)}")
        chosen[known] = threshold
    return [
        model.with_thresholds({word: chosen[word] for word in model.keywords if word in chosen}) for model in models
    ]


def progress(done: int, of: int) -> None:
    """Print how many parts of the work are done, if stderr is a terminal."""
    if sys.stderr.isatty():
        click.echo(f"\r{done} of {of} parts" + "\n" * (done == of), nl=False, err=True)


@contextmanager
def progress_bar(what: str, count: int) -> Iterator[Callable[[], None]]:
    """Show a bar on stderr, because a program may read stdout; yield a function that advances it by one."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Column

    # A long phrase leaves room for the bar.
    described = TextColumn("{task.description}", table_column=Column(max_width=40, no_wrap=True, overflow="ellipsis"))
    columns = (described, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(escape(what), total=count)

        def advance() -> None:
            if not bar.finished:  # clips that are redone come on top of the count
                bar.advance(task)

        yield advance
