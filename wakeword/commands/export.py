"""`wakeword export`."""

from __future__ import annotations

from pathlib import Path

import click

from wakeword.commands.shared import FOLDER
from wakeword.errors import UsageError


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
@click.option(
    "--name",
    metavar="NAME",
    help="Begins the names in C and the file's, so that a sketch can hold several models.  [default: wakeword]",
)
@click.option("--out", type=FOLDER, required=True, metavar="DIR", help="The folder that gets the file.")
def export(model: str, form: str, name: str | None, out: Path) -> None:
    """Write a model as source code for a microcontroller.

    MODEL is a file, or the name of a shipped model; for an Uno, uno or a file.
    """
    if form == "c":
        export_for_core(model, out, name)
    elif name is None:
        export_for_uno(model, out)
    else:
        raise UsageError("an Uno holds one model, which needs no name; leave out --name, or take --format c")


def export_for_core(model: str, out: Path, name: str | None) -> None:
    """Write the header of this name, else wakeword_model.h."""
    from wakeword.files import write_whole
    from wakeword.model.export_c import NAME, export_c, header_of
    from wakeword.model.pretrained import load_model
    from wakeword.model.size import model_size

    name = NAME if name is None else name
    header = out / header_of(name)
    loaded = load_model(model)
    write_whole(header, export_c(loaded, name).encode())
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
