"""Which functions would wait less for their memory if their code lay in RAM?

    python -m bench.firmware.placement [--model MODEL]

A row for each function that waits: what it waits a frame where it lies now, what it would wait in RAM if the others
stayed, and the RAM that this takes. Estimated (bench/firmware/waits.py).
"""

from __future__ import annotations

import argparse
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
from featurizer import HOP
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model

LEAST = 200  # cycles a frame that a function waits, to be looked at


def main() -> None:
    """Parse, estimate, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model")
    model = load_model(parser.parse_args().model)
    samples = demo()[: HOP * (FRAMES + 2)]
    for name in ("due", "mkr1000"):
        with tempfile.TemporaryDirectory() as folder:
            Console().print(placements(name, BOARDS[name], model, samples, Path(folder)))


def placements(name: str, board: Board, model: Model, samples: np.ndarray, folder: Path) -> Table:
    """The table of one board."""
    table = Table("function", "waits a frame", "in RAM", "bytes", title=f"{name} (estimated)")
    now = waits(board, model, samples, folder)
    flash = measure(build(board, model, [EMULATION / "count.c"], folder)).flash
    looked_at = [function for function, count in now.most_common() if count >= LEAST]
    for function in looked_at:
        moved = waits(board, model, samples, folder, frozenset({function}))
        table.add_row(function, f"{now[function]:,}", f"{moved[function]:,}", f"{flash.get(function, 0):,}")
    moved = waits(board, model, samples, folder, frozenset(looked_at))
    table.add_section()
    table.add_row("all of these, and the rest", f"{now.total():,}", f"{moved.total():,}", "")
    return table


def waits(
    board: Board, model: Model, samples: np.ndarray, folder: Path, in_ram: frozenset[str] = frozenset()
) -> Counter[str]:
    """What each function waits a frame, with some taken to lie in RAM."""
    stages = estimate(board, model, samples, folder, in_ram).values()
    return sum((stage.waiting for stage in stages), Counter())


if __name__ == "__main__":
    main()
