"""Compile a board's sketch with a model by arduino-cli."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from wakeword.boards.kinds import Board
from wakeword.boards.tools import run_tool
from wakeword.firmware import arduino_library
from wakeword.model.export_c import export_c
from wakeword.model.file import Model

TOOL = "arduino-cli"


@dataclass(frozen=True)
class Prepared:
    """A sketch that can be compiled."""

    arguments: list[str]  # of arduino-cli
    firmware: Path  # the file that it makes


def prepare(board: Board, model: Model, folder: Path) -> Prepared:
    """Write a board's sketch with a model into a folder, in which its firmware file will lie too.

    Raises UsageError if the sketches, which come with the package, are missing.
    """
    library, sketch = arduino_library(), folder / board.sketch
    shutil.copytree(library / "examples" / board.sketch, sketch)
    (sketch / "wakeword_model.h").write_text(export_c(model))
    output = folder / "build"
    places = ["--library", str(library), "--output-dir", str(output)]
    whole = ".merged" if board.tool == "esptool" else ""  # with bootloader and partitions
    firmware = output / f"{board.sketch}.ino{whole}{board.suffix}"
    return Prepared(["compile", "--fqbn", board.fqbn, *places, str(sketch)], firmware)


def build(board: Board, model: Model, folder: Path) -> Path:
    """Compile a board's sketch with a model; return the firmware file, which lies in `folder`.

    Raises:
        UsageError: The sketches, which come with the package, are missing.
        DeviceError: arduino-cli fails.
    """
    prepared = prepare(board, model, folder)
    run_tool(TOOL, prepared.arguments)
    return prepared.firmware


def with_own_usb(board: Board) -> Board:
    """Return an ESP32 whose program speaks by the chip's own USB. Otherwise its Serial is at other pins."""
    return replace(board, fqbn=f"{board.fqbn}:CDCOnBoot=cdc")
