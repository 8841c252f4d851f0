"""`wakeword export`."""

from __future__ import annotations

from collections.abc import Sized
from pathlib import Path

import click

from wakeword.commands.shared import FOLDER, show
from wakeword.errors import UsageError


@click.command(epilog="Example: wakeword export google12 --format c --out firmware")
@click.argument("model")
@click.option(
    "--format",
    "form",
    type=click.Choice(["c", "uno", "web", "onnx"]),
    default="c",
    show_default=True,
    help="c writes wakeword_model.h for the C core; uno writes uno_model.c for an Arduino Uno; web writes "
    "wakeword_model.bin, a JavaScript module and a page that listens; onnx writes MODEL.onnx for ONNX Runtime.",
)
@click.option(
    "--name",
    metavar="NAME",
    help="Begins the names in C and the model's file, so that a sketch or a page can hold several models.  "
    "[default: wakeword]",
)
@click.option("--out", type=FOLDER, required=True, metavar="DIR", help="The folder that gets the files.")
def export(model: str, form: str, name: str | None, out: Path) -> None:
    """Write a model for a chip, a web page or ONNX Runtime.

    MODEL is a file, or the name of a shipped model; for an Uno, uno or a file.
    """
    if form == "c":
        export_for_core(model, out, name)
    elif form == "web":
        export_for_web(model, out, name)
    elif name is not None:
        reason = {
            "uno": "an Uno holds one model, which needs no name",
            "onnx": "an ONNX file has the name of its model",
        }[form]
        raise UsageError(f"{reason}; leave out --name, or take --format c")
    elif form == "uno":
        export_for_uno(model, out)
    else:
        export_for_onnx_runtime(model, out)


def export_for_core(model: str, out: Path, name: str | None) -> None:
    """Write the header of this name, else wakeword_model.h."""
    from wakeword.files import write_whole
    from wakeword.firmware import core
    from wakeword.model.export_c import NAME, export_c, header_of
    from wakeword.model.pretrained import load_model
    from wakeword.model.size import model_size

    name = NAME if name is None else name
    header = out / header_of(name)
    loaded = load_model(model)
    write_whole(header, export_c(loaded, name).encode())
    show(f"{header}: {sum(model_size(loaded).values()):,} bytes of flash, {_words(loaded.keywords)}")
    show(f"the C sources that run it: {core()}")


def export_for_uno(model: str, out: Path) -> None:
    """Write uno_model.c."""
    from wakeword.files import write_whole
    from wakeword.firmware import arduino_library
    from wakeword.inference.uno import load_uno_model
    from wakeword.model.export_uno import export_uno, uno_model_size

    loaded = load_uno_model(model)
    source = out / "uno_model.c"
    write_whole(source, export_uno(loaded).encode())
    show(f"{source}: {uno_model_size(loaded):,} bytes of flash, {_words(loaded.keywords)}")
    show(f"the Arduino library that runs it: {arduino_library()}")


def export_for_web(model: str, out: Path, name: str | None) -> None:
    """Write the model, the module and the page. A page that is there already may be the user's own: it stays."""
    from wakeword.files import write_whole
    from wakeword.model.export_c import NAME
    from wakeword.model.export_web import PAGE, export_web
    from wakeword.model.pretrained import load_model

    loaded = load_model(model)
    files = export_web(loaded, NAME if name is None else name)
    kept = (out / PAGE).exists()
    for file, data in files.items():
        if file != PAGE or not kept:
            write_whole(out / file, data)
    size = sum(len(data) for file, data in files.items() if file != PAGE)
    show(f"{out / next(iter(files))}: {_words(loaded.keywords)}; with the module beside it {size:,} bytes")
    if kept:
        show(f"{out / PAGE} was there already and stays as it is")
    else:
        show(f"to try it: python -m http.server --bind localhost --directory {out}")


def export_for_onnx_runtime(model: str, out: Path) -> None:
    """Write the graph, MODEL.onnx."""
    from wakeword.files import write_whole
    from wakeword.model.onnx.export import export_onnx
    from wakeword.model.pretrained import load_model, model_name

    loaded, name = load_model(model), model_name(model)
    graph = export_onnx(loaded, name)
    file = out / f"{name}.onnx"
    write_whole(file, graph)
    show(f"{file}: {len(graph):,} bytes, {_words(loaded.keywords)}")


def _words(keywords: Sized) -> str:
    return f"{len(keywords)} word{'s' * (len(keywords) != 1)}"
