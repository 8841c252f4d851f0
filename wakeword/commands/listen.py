"""`wakeword listen`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from wakeword.commands.shared import device_option, say, with_thresholds
from wakeword.errors import DeviceError

if TYPE_CHECKING:
    from featurizer.logmel import Samples
    from wakeword.inference.engine import Engine
    from wakeword.model.vocabulary import Vocabulary

_WORD_WIDTH = 10  # characters for a board's words, which are not known before they are detected


@click.command(epilog="Example: wakeword listen --input speech.flac --json")
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="M",
    help="A model file, or the name of a shipped model; repeatable: all are heard at once.  [default: computer]",
)
@click.option(
    "--then",
    "commands",
    multiple=True,
    metavar="M",
    help="A model that is heard only for five seconds after a word of --model, for commands; repeatable.",
)
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
    help="An audio file, or - for stdin: WAV, FLAC, MP3, Ogg or raw 16-bit PCM.  [default: the microphone]",
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
    help="Run a shell command for each event, with WAKEWORD_WORD, _MODEL, _SCORE and _TIME set.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line for each event.")
def listen(
    models: tuple[str, ...],
    commands: tuple[str, ...],
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
        if (
            models
            or commands
            or thresholds
            or any(value is not None for value in (verify, file, rate, channels, device, command))
        ):
            raise click.UsageError("--serial goes alone or with --json: a board has its own model and microphone")
        _listen_to_board(port, as_json)
        return
    if file is not None and device is not None:
        raise click.UsageError("--device is for the microphone, not for --input")
    if file != "-" and (rate is not None or channels is not None):
        raise click.UsageError("--rate and --channels are for raw PCM: --input -")
    if realtime and file in (None, "-"):
        raise click.UsageError("--realtime is for --input FILE; others come in real time by themselves")

    if verify is not None and (len(models) > 1 or commands):
        raise click.UsageError("--verify confirms the events of one model: leave out --then and further --model")

    from wakeword.live import sources

    engine, vocabulary = _opened(models, commands, verify, thresholds)
    source: Iterator[Samples]
    if file is None:
        from wakeword.audio.microphone import lasting_microphone

        source = _or_a_file(lasting_microphone(device, say))
    elif file == "-":
        source = sources.stdin_source(rate, channels)
    else:
        source = sources.file_source(Path(file), realtime)
    _listen(vocabulary, engine, sources.watched(source, say), command, as_json)


def _opened(
    models: tuple[str, ...], commands: tuple[str, ...], verify: str | None, thresholds: tuple[str, ...]
) -> tuple[Engine, Vocabulary]:
    """Open the engine of all models, and return it with the labels of its events."""
    from wakeword.inference.cascade import CascadeEngine
    from wakeword.inference.combined import CombinedEngine
    from wakeword.model.pretrained import WAKE_WORD, load_model, model_name
    from wakeword.model.vocabulary import Vocabulary

    if not models:
        say(f"the word is {WAKE_WORD}; choose others by --model, of those that wakeword models lists or of your own")
    specs = [*(models or (WAKE_WORD,)), *commands]
    loaded = with_thresholds([load_model(spec) for spec in specs], thresholds)
    vocabulary = Vocabulary.of(list(zip(map(model_name, specs), loaded, strict=True)))
    if verify is not None:
        return CascadeEngine(loaded[0], load_model(verify)), vocabulary
    heard = len(specs) - len(commands)
    return CombinedEngine(loaded[:heard], loaded[heard:]), vocabulary


def _listen(
    vocabulary: Vocabulary, engine: Engine, source: Iterator[Samples], command: str | None, as_json: bool
) -> None:
    """Show the events of a source: as JSON, on a live display if stdout is a terminal, else as lines."""
    from wakeword.live import listen as listening
    from wakeword.live.hook import Hook

    with ExitStack() as stack:
        hooks = [] if command is None else [stack.enter_context(Hook(vocabulary, command, say))]
        if as_json:
            listening.listen(engine, source, listening.JsonLines(vocabulary), *hooks)
        elif sys.stdout.isatty():
            from wakeword.live.display import Display

            listening.listen(engine, source, stack.enter_context(Display(vocabulary)), *hooks)
        else:
            lines = listening.PlainLines(vocabulary)
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
