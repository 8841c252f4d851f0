"""`wakeword doctor`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from wakeword.commands.shared import FOLDER, device_option, model_option, say


@click.command(epilog="Example: wakeword doctor --device usb")
@model_option
@device_option
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8765,
    show_default=True,
    metavar="N",
    help="Port of wakeword serve.",
)
@click.option("--data", type=FOLDER, metavar="DIR", help="Also check the data folder of wakeword serve.")
def doctor(model: str | None, device: str | None, port: int, data: Path | None) -> None:
    """Check what listening and serving need.

    Print a line each for the microphone, its level, the model and the service's port, and how to repair a fault. Each
    line begins with ok (good), ?? (works, but could be better) or !! (broken). If anything is broken, the exit
    status is 2.
    """
    from wakeword.audio.microphone import device_rate, microphone
    from wakeword.live.doctor import Verdict, examine

    broken = False
    findings = examine(
        model,
        port,
        data,
        lambda: microphone(device, say),
        lambda: device_rate(device),
        lambda: click.echo("recording three seconds; say something"),
    )
    for finding in findings:
        click.echo(finding.line())
        broken |= finding.verdict is Verdict.BAD
    sys.exit(2 if broken else 0)
