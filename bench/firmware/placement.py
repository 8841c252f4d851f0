"""Estimate how much less functions of the firmware would wait for their memory if their code were in RAM.

    python -m bench.firmware.placement [--model MODEL]

Each function that waits has a row: its waits in a frame now, its waits if it alone moved to RAM, and the bytes of RAM
that this takes. All is estimated (bench/firmware/waits.py).
"""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.firmware.__main__ import FRAMES, demo
from bench.firmware.board import BOARDS, EMULATION, Board, build
from bench.firmware.cycles import estimate
from bench.firmware.sizes import measure
from bench.options import Parser, errors_in_one_line
from featurizer import HOP
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model

LEAST = 200  # waits, in cycles a frame, of the functions that get a row


@errors_in_one_line()
def main() -> None:
    """Parse, estimate, print."""
    parser = Parser("firmware.placement", __doc__, module=True)
    parser.add_argument("--model", help="a model file or the name of a shipped model; google12 if left out")
    model = load_model(parser.parse_args().model)
    samples = demo()[: HOP * (FRAMES + 2)]
    for name in ("due", "mkr1000"):
        with tempfile.TemporaryDirectory() as folder:
            Console().print(placements(name, BOARDS[name], model, samples, Path(folder)))


def placements(name: str, board: Board, model: Model, samples: np.ndarray, folder: Path) -> Table:
    """Return the table of one board."""
    table = Table("function", "waits a frame", "in RAM", "bytes", title=f"{name} (estimated)")
    now = waits(board, model, samples, folder)
    flash = measure(board, build(board, model, [EMULATION / "count.c"], folder)).flash
    candidates = [function for function, count in now.most_common() if count >= LEAST]
    for function in candidates:
        moved = waits(board, model, samples, folder, frozenset({function}))
        table.add_row(function, f"{now[function]:,}", f"{moved[function]:,}", f"{flash.get(function, 0):,}")
    moved = waits(board, model, samples, folder, frozenset(candidates))
    table.add_section()
    table.add_row("all of these, and the rest", f"{now.total():,}", f"{moved.total():,}", "")
    return table


def waits(
    board: Board, model: Model, samples: np.ndarray, folder: Path, in_ram: frozenset[str] = frozenset()
) -> Counter[str]:
    """Estimate the waits of each function in a frame, in cycles, as if some functions were in RAM."""
    stages = estimate(board, model, samples, folder, in_ram).values()
    return sum((stage.waiting for stage in stages), Counter())


if __name__ == "__main__":
    main()
