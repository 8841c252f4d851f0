"""`wakeword export`."""

from __future__ import annotations

from pathlib import Path

import click

from wakeword.commands.shared import FOLDER


@click.command(epilog="Example: wakeword export google12 --format c --out firmware")
@click.argument("model")
@click.option("--format", type=click.Choice(["c"]), default="c", show_default=True, expose_value=False)
@click.option("--out", type=FOLDER, required=True, metavar="DIR", help="The folder to write wakeword_model.h to.")
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
