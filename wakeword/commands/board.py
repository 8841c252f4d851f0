"""`wakeword flash` and `wakeword selftest`."""

from __future__ import annotations

from pathlib import Path

import click

from wakeword.commands.shared import FILE, model_option, say


@click.command(epilog="Example: wakeword flash --board due --model my.safetensors")
@click.option(
    "--board",
    type=click.Choice(
        [
            "due",
            "mkr1000",
            "zero",
            "uno",
            "nano33ble",
            "xiao-sense",
            "nanorp2040",
            "pico",
            "pico2",
            "esp32c3",
            "esp32s3",
        ]
    ),
    help="Kind of board.  [default: the one plugged in]",
)
@click.option(
    "--port",
    metavar="P",
    help="The board's serial port, or the drive that it shows in its bootloader.  [default: the only such board]",
)
@model_option
@click.option(
    "--firmware",
    type=FILE,
    metavar="FILE",
    help="What the IDE exported: .bin, .hex, .uf2 or .zip.  [default: compile one]",
)
def flash(board: str | None, port: str | None, model: str | None, firmware: Path | None) -> None:
    """Write the firmware, with a model in it, to a board."""
    if firmware is not None and model is not None:
        raise click.UsageError("--firmware already holds a model: leave out --model, or --firmware")
    from wakeword.boards import flash as flashing
    from wakeword.model.pretrained import load_model

    found = flashing.find(board, port)
    if firmware is not None:
        model_id = flashing.flash(found, firmware, None, say)
    else:
        model_id = flashing.build_and_flash(found, load_model(model), say)
    click.echo(f"the {found.board.name} at {found.port} listens with model {model_id:08x}")


@click.command(epilog="Example: wakeword selftest --port /dev/ttyACM0")
@click.option("--port", required=True, metavar="PORT", help="The board's serial port.")
@click.option("--model", metavar="M", help="The model that the board runs.  [default: google12]")
@click.option("--input", "file", type=FILE, metavar="FILE", help="The audio file.  [default: the demo recording]")
@click.option("--features", is_flag=True, help="Send features, for a board without a front end: the Uno.")
def selftest(port: str, model: str | None, file: Path | None, features: bool) -> None:
    """Compare a board with this computer, bit for bit.

    The board runs the model on a recording.

    Exit status 2: a bit differs.
    """
    from wakeword.audio.files import read_audio
    from wakeword.boards.selftest import selftest as compare
    from wakeword.boards.serial_link import open_link
    from wakeword.model.pretrained import load_model

    loaded = load_model(model)
    samples = read_audio(file or Path(__file__).parents[1] / "assets" / "demo.flac")
    with open_link(port) as link:
        frames = compare(link, loaded, samples, with_features=features)
    click.echo(f"{frames} frames: features, hidden states and posteriors are equal")
