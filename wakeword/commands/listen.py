"""`wakeword listen`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wakeword.commands.shared import device_option, model_option, say, with_thresholds
from wakeword.errors import DeviceError

if TYPE_CHECKING:
    from featurizer.logmel import Samples
    from wakeword.inference.engine import Engine
    from wakeword.model.file import Model

_WORD_WIDTH = 10  # characters for a board's words, which are not known before they are detected


@click.command(epilog="Example: wakeword listen --input speech.flac --json")
@model_option
@click.option("--verify", metavar="M", help="A second, larger model that must confirm each event of the first.")
@click.option(
    "--threshold",
    "thresholds",
    multiple=True,
    metavar="T",
    help="The score at which an event is raised: one for all words (0.7), or WORD=0.7; repeatable."
    "  [default: the model's own]",
)
@click.option(
    "--input",
    "file",
    metavar="FILE",
    help="An audio file, or - for stdin: WAV, FLAC, Ogg or raw 16-bit PCM.  [default: the microphone]",
)
@click.option("--rate", type=click.IntRange(1), metavar="HZ", help="Rate of raw PCM on stdin.  [default: 16000]")
@click.option(
    "--channels",
    type=click.IntRange(1, 64),
    metavar="N",
    help="Channels of raw PCM on stdin, which are mixed.  [default: 1]",
)
@click.option("--realtime", is_flag=True, help="Play the file at its own speed. Without it, as fast as possible.")
@device_option
@click.option("--serial", "port", metavar="PORT", help="Print the events of a board at this serial port.")
@click.option("--list-devices", is_flag=True, help="List the microphones and exit.")
@click.option(
    "--exec",
    "command",
    metavar="CMD",
    help="Run a shell command for each event, with WAKEWORD_WORD, WAKEWORD_SCORE and WAKEWORD_TIME set.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line for each event.")
def listen(
    model: str | None,
    verify: str | None,
    thresholds: tuple[str, ...],
    file: str | None,
    rate: int | None,
    channels: int | None,
    realtime: bool,
    device: str | None,
    port: str | None,
    list_devices: bool,
    command: str | None,
    as_json: bool,
) -> None:
    """Detect words from the microphone, a file or a board.

    An event's score is the smoothed posterior, from 0 to 1, at the moment the word crosses its threshold. The event
    comes at once, so its score lies at or just above the threshold and does not rank events.
    """
    if list_devices:
        _list_devices()
        return
    if port is not None:
        if thresholds or any(value is not None for value in (model, verify, file, rate, channels, device, command)):
            raise click.UsageError("--serial goes alone or with --json: a board has its own model and microphone")
        _listen_to_board(port, as_json)
        return
    if file is not None and device is not None:
        raise click.UsageError("--device is for the microphone, not for --input")
    if file != "-" and (rate is not None or channels is not None):
        raise click.UsageError("--rate and --channels are for raw PCM: --input -")
    if realtime and file in (None, "-"):
        raise click.UsageError("--realtime is for --input FILE; others come in real time by themselves")

    from wakeword.inference.cascade import CascadeEngine
    from wakeword.inference.engine import open_engine
    from wakeword.live import sources
    from wakeword.model.pretrained import load_model

    loaded = with_thresholds(load_model(model), thresholds)
    engine = open_engine(loaded) if verify is None else CascadeEngine(loaded, load_model(verify))
    source: Iterator[Samples]
    if file is None:
        from wakeword.audio.microphone import lasting_microphone

        source = _or_a_file(lasting_microphone(device, say))
    elif file == "-":
        source = sources.stdin_source(rate, channels)
    else:
        source = sources.file_source(Path(file), realtime)
    _listen(loaded, engine, sources.watched(source, say), command, as_json)


def _listen(model: Model, engine: Engine, source: Iterator[Samples], command: str | None, as_json: bool) -> None:
    """Show the events of a source: as JSON, on a live display if stdout is a terminal, else as lines."""
    from wakeword.live import listen as listening
    from wakeword.live.hook import Hook

    with ExitStack() as stack:
        hooks = [] if command is None else [stack.enter_context(Hook(model, command, say))]
        if as_json:
            listening.listen(engine, source, listening.JsonLines(model), *hooks)
        elif sys.stdout.isatty():
            from wakeword.live.display import Display

            listening.listen(engine, source, stack.enter_context(Display(model)), *hooks)
        else:
            lines = listening.PlainLines(model)
            listening.listen(engine, source, lines, *hooks)
            click.echo(lines.summary())


def _or_a_file(microphone: Iterator[Samples]) -> Iterator[Samples]:
    """Yield the blocks of a microphone; if it can't be used, name the option that does without it."""
    try:
        yield from microphone
    except DeviceError as error:
        raise DeviceError(f"{error}; a file needs no microphone: --input FILE") from error


def _list_devices() -> None:
    from wakeword.audio.microphone import input_devices

    devices = input_devices()
    click.echo("\n".join(devices) if devices else "there is no microphone")


def _listen_to_board(port: str, as_json: bool) -> None:
    from wakeword.boards import serial_link
    from wakeword.inference.events import json_line, plain_line

    def show(found: serial_link.BoardEvent) -> None:
        line = json_line(found.event, found.word) if as_json else plain_line(found.event, found.word, _WORD_WIDTH)
        print(line, flush=True)

    serial_link.listen(port, show, say)
