"""The command line. Each command imports its libraries when it runs, so that no command needs those of another."""

from __future__ import annotations

import io
import os
import sys
import warnings
from collections import Counter
from importlib.util import find_spec
from typing import NoReturn, TextIO

import click

from wakeword.commands import (
    bench,
    board,
    calibrate,
    doctor,
    evaluate,
    export,
    info,
    listen,
    record,
    serve,
    sweep,
    synth,
    train,
)
from wakeword.commands.shared import say
from wakeword.errors import WakewordError

# Libraries of several extras: that of the command is wanted, so that the user installs no more than it needs.
_SHARED = ("filelock", "httpx", "platformdirs", "torch")
_OF_COMMAND = {"serve": "service", "studio": "service", "sweep": "sweep", "synth": "synth"}
# The extra that installs each optional library.
_EXTRAS = {
    **dict.fromkeys([*_SHARED, "jinja2", "matplotlib"], "train"),
    "ray": "sweep",
    "sounddevice": "mic",
    "av": "formats",
    **dict.fromkeys(["psutil", "serial"], "flash"),
    "spox": "onnx",
    "psycopg": "postgres",
    **dict.fromkeys(["espeakng_loader", "onnxruntime", "pyroomacoustics", "wordfreq"], "synth"),
    **dict.fromkeys(["aiomqtt", "alembic", "anyio", "cryptography", "fastapi", "h11", "prometheus_client"], "service"),
    **dict.fromkeys(["pydantic", "python_multipart", "segno", "sqlalchemy", "starlette", "structlog"], "service"),
    **dict.fromkeys(["uvicorn", "websockets", "wyoming"], "service"),
}

_MOST_WARNINGS = 5  # of one line of code
_shown: Counter[tuple[int, str]] = Counter()


def main() -> None:
    """Run the `wakeword` command. Exit status 0: done; 2: wrong use or bad input, printed in one line."""
    warnings.showwarning = _show_warning
    _replace_closed_outputs()
    _print_any_letter()
    try:
        status = cli.main(prog_name="wakeword", standalone_mode=False)
        sys.stdout.flush()
    except click.Abort:
        sys.exit(130)
    except click.UsageError as error:
        _fail(_with_help(error))
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in _EXTRAS:
            raise
        _fail(_missing_text(library))
    except (WakewordError, click.ClickException, OSError) as error:
        _fail(str(error))
    sys.exit(status)


def _missing_text(library: str) -> str:
    """Return the message on a library that is missing, with all that the command would miss next."""
    extra = _EXTRAS[library]
    if library in _SHARED:
        extra = _OF_COMMAND.get(sys.argv[1], extra)
    if sys.argv[1] == "train" and extra == "synth" and find_spec("torch") is None:  # a phrase is spoken before
        both = "this needs the extras train and synth: pip install 'wakeword[train,synth]'"
        return f"{library} and torch are not installed; {both}"
    return f"{library} is not installed; this needs the {extra} extra: pip install 'wakeword[{extra}]'"


def _replace_closed_outputs() -> None:
    """Drop what is printed to an output that the caller has closed. Its number would be that of the next open file."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - as long as the process


def _print_any_letter() -> None:
    """Let stdout escape the letters that its encoding lacks, as on Windows in a pipe, or in the name of a file."""
    if isinstance(sys.stdout, io.TextIOWrapper) and (
        sys.stdout.errors == "strict" or sys.stdout.encoding.lower() != "utf-8"
    ):
        sys.stdout.reconfigure(errors="backslashreplace")


def _with_help(error: click.UsageError) -> str:
    """Return the message of wrong use with the command whose help to read."""
    if error.ctx:
        command = error.ctx.command_path
    else:  # click doesn't tell which command lacks the value of an option
        command = " ".join(["wakeword", *(name for name in sys.argv[1:2] if name in cli.commands)])
    message = error.format_message().rstrip(".")
    return f"{message} See {command} --help" if message.endswith("?") else f"{message}; see {command} --help"


def _fail(message: str) -> NoReturn:
    say(" ".join(message.split()))
    sys.exit(2)


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """Replace `warnings.showwarning`: a warning is for the user, to whom a line of code says nothing.

    Of many alike, as on each file of a folder, the first are shown.
    """
    _shown[lineno, filename] += 1
    if _shown[lineno, filename] <= _MOST_WARNINGS:
        say(str(message))
    elif _shown[lineno, filename] == _MOST_WARNINGS + 1:
        say("and so for more, which are not listed")


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="wakeword", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Keyword spotting in a few kilobytes, from audio to microcontroller."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for command in (
    listen.listen,
    doctor.doctor,
    serve.serve,
    serve.studio,
    train.train,
    sweep.sweep,
    synth.synth,
    record.record,
    evaluate.evaluate,
    calibrate.calibrate,
    export.export,
    board.flash,
    board.selftest,
    bench.bench,
    info.info,
    info.models,
):
    cli.add_command(command)

if __name__ == "__main__":
    main()
