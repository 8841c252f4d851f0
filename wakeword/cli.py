"""The command line. Each command imports what it needs when it runs, so that none needs what only others do."""

from __future__ import annotations

import json
import sys
import warnings
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NoReturn, TextIO

import click

from wakeword.errors import WakewordError

# The extra of the package that brings an optional library.
_EXTRAS = {
    "torch": "train",
    "matplotlib": "train",
    "httpx": "train",
    "jinja2": "train",
    "platformdirs": "train",
    "sounddevice": "mic",
    "serial": "flash",
    "psycopg": "postgres",
    **dict.fromkeys(["aiomqtt", "alembic", "fastapi", "sqlalchemy", "structlog", "uvicorn", "wyoming"], "service"),
}
_PATH = click.Path(path_type=Path)
_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, file_okay=False)


def main() -> None:
    """The `wakeword` command: exit status 0 done, 2 wrong use or bad input, which it says in one line."""
    warnings.showwarning = _show_warning
    try:
        status = cli.main(prog_name="wakeword", standalone_mode=False)
        sys.stdout.flush()
    except click.Abort:
        sys.exit(130)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "wakeword"
        _fail(f"{error.format_message().rstrip('.')}; see {command} --help")
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in _EXTRAS:
            raise
        extra = _EXTRAS[library]
        _fail(f"{library} is not installed; this needs the {extra} extra: pip install 'wakeword[{extra}]'")
    except (WakewordError, click.ClickException, OSError) as error:
        _fail(str(error))
    sys.exit(status)


def _fail(message: str) -> NoReturn:
    _say(" ".join(message.split()))
    sys.exit(2)


def _say(message: str) -> None:
    """A line beside the output, which may be read by a program."""
    click.echo(f"wakeword: {message}", err=True)


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """In place of `warnings.showwarning`: what is worth a warning concerns the user, not a line of code."""
    _say(str(message))


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="wakeword", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Keyword spotting in a few kilobytes, from audio to microcontroller."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@cli.command(epilog="Example: wakeword listen --input speech.flac --json")
@click.option("--model", metavar="M", help="A model file, or the name of a shipped model.  [default: google12]")
@click.option("--input", "file", metavar="FILE", help="An audio file, or - for raw 16-bit mono PCM at 16 kHz on stdin.")
@click.option("--realtime", is_flag=True, help="Hear the file at the speed it was spoken at.")
@click.option("--device", metavar="D", help="The microphone: its index, or a part of its name.")
@click.option("--serial", "port", metavar="PORT", help="Hear what a board at this serial port detects.")
@click.option("--list-devices", is_flag=True, help="List the microphones, and do nothing else.")
@click.option("--exec", "command", metavar="CMD", help="Run a shell command for each event, $WAKEWORD_WORD.")
@click.option("--json", "as_json", is_flag=True, help="Print an object a line for each event.")
def listen(
    model: str | None,
    file: str | None,
    realtime: bool,
    device: str | None,
    port: str | None,
    list_devices: bool,
    command: str | None,
    as_json: bool,
) -> None:
    """Detect words from the microphone, in a file, or by a board."""
    if list_devices:
        _list_devices()
        return
    if port is not None:
        if any(value is not None for value in (model, file, device, command)):
            raise click.UsageError("--serial hears a board, which has its own model and microphone")
        _listen_to_board(port, as_json)
        return
    if file is not None and device is not None:
        raise click.UsageError("--device is for the microphone, not for --input")
    if realtime and file in (None, "-"):
        raise click.UsageError("--realtime is for --input FILE; others come in real time by themselves")

    from wakeword import listen as listening
    from wakeword.hook import Hook
    from wakeword.models import load_model

    bundle = load_model(model)
    if file is None:
        from wakeword.microphone import lasting_microphone

        source = lasting_microphone(device, _say)
    elif file == "-":
        source = listening.stdin_source()
    else:
        source = listening.file_source(Path(file), realtime)
    with ExitStack() as stack:
        hooks = [] if command is None else [stack.enter_context(Hook(bundle, command, _say))]
        if as_json:
            listening.listen(bundle, source, listening.JsonLines(bundle), *hooks)
        elif sys.stdout.isatty():
            from wakeword.display import Display

            listening.listen(bundle, source, stack.enter_context(Display(bundle)), *hooks)
        else:
            lines = listening.PlainLines(bundle)
            listening.listen(bundle, source, lines, *hooks)
            click.echo(lines.summary())


def _listen_to_board(port: str, as_json: bool) -> None:
    from wakeword import serial_link

    line = serial_link.json_line if as_json else serial_link.plain_line
    serial_link.listen(port, lambda heard: print(line(heard), flush=True), _say)


@cli.command(epilog="Example: wakeword doctor --device usb")
@click.option("--model", metavar="M", help="A model file, or the name of a shipped model.  [default: google12]")
@click.option("--device", metavar="D", help="The microphone: its index, or a part of its name.")
@click.option("--port", type=click.IntRange(1, 65535), default=8765, show_default=True, help="That of wakeword serve.")
@click.option("--data", type=_FOLDER, metavar="DIR", help="The folder of wakeword serve, to check as well.")
def doctor(model: str | None, device: str | None, port: int, data: Path | None) -> None:
    """Check microphone, levels, model and port, and say what to do.

    The exit status is 2 where something is broken.
    """
    from wakeword.doctor import Verdict, examine
    from wakeword.microphone import microphone

    broken = False
    click.echo("listening for three seconds; say something")
    for finding in examine(model, port, data, lambda: microphone(device, _say)):
        click.echo(finding.line())
        broken |= finding.verdict is Verdict.BAD
    sys.exit(2 if broken else 0)


def _list_devices() -> None:
    from wakeword.microphone import input_devices

    devices = input_devices()
    click.echo("\n".join(devices) if devices else "there is no microphone")


@cli.command(
    epilog="Example: wakeword serve --clips --host 0.0.0.0", context_settings={"auto_envvar_prefix": "WAKEWORD_SERVE"}
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Any but loopback asks for a token.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True)
@click.option("--model", metavar="M", help="A model file, or the name of a shipped model.  [default: the last active]")
@click.option("--device", metavar="D", help="The microphone: its index, or a part of its name.")
@click.option("--microphone/--no-microphone", default=True, help="Whether to hear this computer's microphone.")
@click.option("--serial", metavar="PORT", help="Keep what a board at this serial port detects.")
@click.option("--data", type=_FOLDER, metavar="DIR", help="Where everything is kept.  [default: your data folder]")
@click.option("--database", metavar="URL", help="postgresql://... for several hosts.  [default: SQLite in DIR]")
@click.option("--clips", is_flag=True, help="Keep the second of audio around each event.")
@click.option("--keep-days", type=click.FloatRange(min=0, min_open=True), default=30, show_default=True)
@click.option("--mqtt", metavar="URL", help="Publish events to this broker: mqtt://USER:PASSWORD@HOST.")
@click.option("--webhook", "webhooks", multiple=True, metavar="URL", help="Post events to this URL.")
@click.option("--wyoming", metavar="URL", help="Serve Home Assistant at tcp://HOST:PORT, which knows no tokens.")
@click.option("--origin", "origins", multiple=True, metavar="ORIGIN", help="Another site whose pages may use it.")
@click.option("--new-token", is_flag=True, help="Make another token; the one before is worth nothing then.")
def serve(data: Path | None, keep_days: float, new_token: bool, **options: Any) -> None:
    """Listen as a service: dashboard, REST, streams, and a store of events.

    Each option can be given as an environment variable too: WAKEWORD_SERVE_PORT and so on.
    """
    from service.run import serve as serving
    from service.settings import Retention, Settings, data_folder

    settings = Settings(data or data_folder(), retention=Retention(seconds=keep_days * 86_400), **options)
    serving(settings, _say, new_token)


@cli.command(epilog="Example: wakeword train --keywords google12 --data speech_commands")
@click.option(
    "--keywords",
    default="google12",
    show_default=True,
    metavar="SET",
    help="google12, google30, digits10, or WORD,WORD,...",
)
@click.option("--data", type=_PATH, metavar="DIR", help="A folder of clips for each word.  [default: download]")
@click.option("--out", type=_FILE, metavar="MODEL", help="The model file.  [default: by the keywords]")
@click.option("--preset", type=click.Choice(["paper", "small", "best"]), default="best", show_default=True)
@click.option("--cell", metavar="CELL", help="Another network in the preset's place: docs/cells.md names them.")
@click.option("--hidden", type=click.IntRange(1), metavar="N", help="Its hidden units.  [default: the preset's]")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--extra", type=_PATH, metavar="DIR", help="More training clips, a folder for each word.")
@click.option("--include-validation", is_flag=True, help="Train on the validation clips too, when all is chosen.")
@click.option("--fresh", is_flag=True, help="Begin anew where an interrupted run would be resumed.")
def train(
    keywords: str,
    data: Path | None,
    out: Path | None,
    preset: str,
    cell: str | None,
    hidden: int | None,
    seed: int,
    extra: Path | None,
    include_validation: bool,
    fresh: bool,
) -> None:
    """Train a model on clips of words.

    Where --data is left out, Speech Commands is downloaded to your cache, once, and used. A --cell without an integer
    form is trained, and judged, in floats, and leaves no model file.
    """
    from wakeword import presets
    from wakeword import train as training
    from wakeword.dataset import keyword_set
    from wakeword.variants import variant

    words = keyword_set(keywords)
    out = out or Path(f"{words.name.replace(',', '-')}.safetensors")
    config = presets.preset(preset, seed, include_validation)
    if hidden and not cell:
        raise click.UsageError("--hidden goes with --cell")
    if cell:
        config = variant(config, cell, hidden)
    evaluation = training.train(config, words, _data(data), out, extra=extra, resume=not fresh)
    click.echo(f"{out}: {evaluation.as_text()}")


@cli.command("eval", epilog="Example: wakeword eval google12 --data speech_commands --split validation")
@click.argument("model")
@click.option("--data", type=_PATH, metavar="DIR", help="A folder of clips for each word.  [default: download]")
@click.option(
    "--split", type=click.Choice(["test", "validation", "training", "all"]), default="test", show_default=True
)
@click.option("--keywords", metavar="SET", help="Some words of the model.  [default: all of them]")
@click.option("--engine", type=click.Choice(["auto", "c", "numpy"]), default="auto", show_default=True)
@click.option("--recipe", is_flag=True, help="Draw unknown words and silence, 10 % of the keyword clips each.")
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def evaluate(
    model: str, data: Path | None, split: str, keywords: str | None, engine: str, recipe: bool, as_json: bool
) -> None:
    """Measure how often a model names a clip's word.

    MODEL is a file, or the name of a shipped model.
    """
    from wakeword import evaluate as evaluating
    from wakeword.dataset import keyword_set
    from wakeword.models import load_model

    bundle = load_model(model)
    words = keyword_set(keywords) if keywords is not None else None
    evaluation = evaluating.evaluate(
        bundle,
        _data(data),
        split=split,  # type: ignore[arg-type]
        keywords=words,
        engine=engine,  # type: ignore[arg-type]
        recipe=recipe,
        name=model,
    )
    click.echo(json.dumps(evaluation.as_json()) if as_json else evaluation.as_text())


def _data(folder: Path | None) -> Path:
    """The data folder given, else Speech Commands from the user's cache, where it is loaded to."""
    if folder is not None:
        return folder
    from wakeword.download import download_speech_commands

    return download_speech_commands()


@cli.command(epilog="Example: wakeword export google12 --format c --out firmware")
@click.argument("model")
@click.option("--format", type=click.Choice(["c"]), default="c", show_default=True, expose_value=False)
@click.option("--out", type=_FOLDER, required=True, metavar="DIR", help="The folder to write wakeword_model.h to.")
def export(model: str, out: Path) -> None:
    """Write a model as source code for a microcontroller.

    MODEL is a file, or the name of a shipped model.
    """
    from wakeword.bundle import write_whole
    from wakeword.export import export_c
    from wakeword.models import load_model
    from wakeword.size import model_size

    bundle = load_model(model)
    header = out / "wakeword_model.h"
    write_whole(header, export_c(bundle).encode())
    click.echo(f"{header}: {sum(model_size(bundle).values()):,} bytes of flash, {len(bundle.keywords)} words")


@cli.command(epilog="Example: wakeword flash --board due --model my.safetensors")
@click.option("--board", type=click.Choice(["due", "mkr1000", "uno"]), help="The board.  [default: what is plugged in]")
@click.option("--port", metavar="P", help="Its serial port.  [default: the only one with such a board]")
@click.option("--model", metavar="M", help="A model file, or the name of a shipped model.  [default: google12]")
@click.option("--firmware", type=_FILE, metavar="FILE", help="A ready .bin or .hex.  [default: built by arduino-cli]")
def flash(board: str | None, port: str | None, model: str | None, firmware: Path | None) -> None:
    """Put the firmware, with a model, on a board."""
    if firmware is not None and model is not None:
        raise click.UsageError("--firmware has its model in it; give either that or --model")
    from wakeword import flash as flashing
    from wakeword.models import load_model

    found = flashing.find(board, port)
    if firmware is not None:
        model_id = flashing.flash(found, firmware, None, _say)
    else:
        model_id = flashing.build_and_flash(found, load_model(model), _say)
    click.echo(f"the {found.board.name} at {found.port} listens with model {model_id:08x}")


@cli.command(epilog="Example: wakeword selftest --port /dev/ttyACM0")
@click.option("--port", required=True, metavar="PORT", help="The board's serial port.")
@click.option("--model", metavar="M", help="The model that the board runs.  [default: google12]")
@click.option("--input", "file", type=_FILE, metavar="FILE", help="An audio file.  [default: the demo recording]")
@click.option("--features", is_flag=True, help="Send features, to a board without a front end: the Uno.")
def selftest(port: str, model: str | None, file: Path | None, features: bool) -> None:
    """Have a board compute on a recording, and compare: the same bits, or exit status 2."""
    from wakeword.audio import read_audio
    from wakeword.models import load_model
    from wakeword.selftest import selftest as compare
    from wakeword.serial_link import open_link

    bundle = load_model(model)
    samples = read_audio(file or Path(__file__).parent / "assets" / "demo.flac")
    with open_link(port) as link:
        frames = compare(link, bundle, samples, with_features=features)
    click.echo(f"{frames} frames: features, hidden states and posteriors are equal")


@cli.command(epilog="Example: wakeword bench firmware --functions", context_settings={"ignore_unknown_options": True})
@click.argument("what", type=click.Choice(["firmware", "service"]))
@click.argument("more", nargs=-1, type=click.UNPROCESSED)
@click.option("--model", metavar="M", help="A model file, or the name of a shipped model.  [default: google12]")
@click.option("--functions", is_flag=True, help="Flash, stack and cycles of each function as well.")
def bench(what: str, more: tuple[str, ...], model: str | None, functions: bool) -> None:
    """Measure, in the project's checkout, what the firmware takes on each board, or the service of its machine.

    `python -m bench.service --help` lists the options that the service's bench takes.
    """
    import subprocess

    root = Path(__file__).resolve().parent.parent
    if not (root / "bench" / what).is_dir():
        raise WakewordError(f"there is no {root / 'bench' / what}: benches run in a checkout of the project")
    command = [sys.executable, "-m", f"bench.{what}"]
    if model is not None:  # which may be a file of the folder that the command was given in
        command += ["--model", str(Path(model).resolve()) if Path(model).exists() else model]
    if functions:
        command.append("--functions")
    command += more
    sys.exit(subprocess.run(command, cwd=root).returncode)


@cli.command(epilog="Example: wakeword info google12")
@click.argument("model", required=False)
def info(model: str | None) -> None:
    """Show a model's words, network, and size in flash.

    MODEL is a file, or the name of a shipped model.  [default: google12]
    """
    from wakeword.info import describe
    from wakeword.models import load_model

    click.echo(describe(load_model(model)))


@cli.command(epilog="Example: wakeword models")
def models() -> None:
    """List the models that come with the package."""
    from wakeword.info import table
    from wakeword.models import shipped_models

    click.echo(table(shipped_models()))
