"""What several commands take and say."""

from __future__ import annotations

import sys
from pathlib import Path

import click

PATH = click.Path(path_type=Path)
FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False)


def say(message: str) -> None:
    """A line beside the output, which may be read by a program."""
    click.echo(f"wakeword: {message}", err=True)


def data_or_download(folder: Path | None) -> Path:
    """The data folder given, else Speech Commands from the user's cache, where it is loaded to."""
    if folder is not None:
        return folder
    from wakeword.data.download import download_speech_commands

    return download_speech_commands()


def progress(done: int, of: int) -> None:
    """How many parts of the work are done, where somebody looks."""
    if sys.stderr.isatty():
        click.echo(f"\r{done} of {of} parts" + "\n" * (done == of), nl=False, err=True)
