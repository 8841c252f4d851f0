"""`wakeword export`."""

from __future__ import annotations

from pathlib import Path

import click

from wakeword.commands.shared import FOLDER


@click.command(epilog="Example: wakeword export google12 --format c --out firmware")
@click.argument("model")
@click.option(
    "--format",
    "form",
    type=click.Choice(["c", "uno"]),
    default="c",
    show_default=True,
    help="c writes wakeword_model.h for the C core; uno writes uno_model.c for an Arduino Uno.",
)
@click.option("--out", type=FOLDER, required=True, metavar="DIR", help="The folder that gets the file.")
def export(model: str, form: str, out: Path) -> None:
    """Write a model as source code for a microcontroller.

    MODEL is a file, or the name of a shipped model; for an Uno, uno or a file.
    """
    export_for_uno(model, out) if form == "uno" else export_for_core(model, out)


def export_for_core(model: str, out: Path) -> None:
    """Write wakeword_model.h."""
    from wakeword.files import write_whole
    from wakeword.model.export_c import HEADER, export_c
    from wakeword.model.pretrained import load_model
    from wakeword.model.size import model_size

    loaded = load_model(model)
    header = out / HEADER
    write_whole(header, export_c(loaded).encode())
    click.echo(f"{header}: {sum(model_size(loaded).values()):,} bytes of flash, {len(loaded.keywords)} words")


def export_for_uno(model: str, out: Path) -> None:
    """Write uno_model.c."""
    from wakeword.files import write_whole
    from wakeword.inference.uno import load_uno_model
    from wakeword.model.export_uno import export_uno, uno_model_size

    loaded = load_uno_model(model)
    source = out / "uno_model.c"
    write_whole(source, export_uno(loaded).encode())
    click.echo(f"{source}: {uno_model_size(loaded):,} bytes of flash, {len(loaded.keywords)} words")
