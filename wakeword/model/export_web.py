"""Export a model for a web page: its bytes, and the module that runs it. The files of the module are in assets/web."""

from __future__ import annotations

from importlib.resources import files

from wakeword.model.export_binary import export_binary
from wakeword.model.export_c import NAME, check_name
from wakeword.model.file import Model

PAGE = "index.html"
MODULE = ("wakeword.js", "wakeword.d.ts", "wakeword-worklet.js", "wakeword.wasm")


def export_web(model: Model, name: str = NAME) -> dict[str, bytes]:
    """Return the files of a folder that a static server can serve, by name: model, module and page.

    Raises UsageError if the name can't begin a file's, as for C.
    """
    shipped = files("wakeword") / "assets" / "web"
    page = (shipped / PAGE).read_bytes().replace(_bin_of(NAME).encode(), _bin_of(name).encode())
    return {_bin_of(name): export_binary(model), **{part: (shipped / part).read_bytes() for part in MODULE}, PAGE: page}


def _bin_of(name: str) -> str:
    check_name(name)
    return f"{name}_model.bin"
