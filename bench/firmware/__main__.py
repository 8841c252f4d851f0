"""What the firmware takes on each board: `wakeword bench firmware`, or `python -m bench.firmware [--model MODEL]`.

Instructions are counted by QEMU, cycles are estimated (bench/firmware/cycles.py), bytes come from the linked program.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import soundfile
from rich.console import Console
from rich.table import Table

from bench.firmware.board import BOARDS, EMULATION, ROOT, SAMPLE_RATE, STAGES, build, count
from bench.firmware.cycles import estimate
from bench.firmware.sizes import measure
from featurizer import HOP
from wakeword.bundle import Bundle
from wakeword.models import load_model

FRAMES_PER_SECOND = SAMPLE_RATE // HOP
SECONDS = 2  # of the demo recording, for the instructions
FRAMES = 10  # from its middle, for the cycles: the emulator that tells every instruction is slow
# Kusupati et al. 2018: the network alone, on an Arduino Due.
PAPER_CYCLES, PAPER_MILLISECONDS, PAPER_MEGAHERTZ = 20_300_000, 242, 84


def main() -> None:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model")
    parser.add_argument("--functions", action="store_true", help="flash, stack and cycles of each function as well")
    options = parser.parse_args()
    bundle = load_model(options.model)
    console = Console()
    for name in ("due", "mkr1000"):
        with tempfile.TemporaryDirectory() as folder:
            report(name, bundle, Path(folder), console, options.functions)
    console.print(
        f"The paper (Kusupati et al. 2018) has {PAPER_CYCLES / 1e6:.1f} million cycles for the network, "
        f"{PAPER_MILLISECONDS} ms at {PAPER_MEGAHERTZ} MHz."
    )


def report(name: str, bundle: Bundle, folder: Path, console: Console, functions: bool) -> None:
    """Measure one board and print its tables."""
    board = BOARDS[name]
    samples, _ = soundfile.read(ROOT / "wakeword/assets/demo.flac", dtype="int16")
    counts = count(board, bundle, samples[: SECONDS * SAMPLE_RATE], folder)
    cycles = estimate(board, bundle, samples[SAMPLE_RATE :][: HOP * (FRAMES + 2)], folder)
    sizes = measure(build(board, bundle, [EMULATION / "count.c"], folder))
    table = Table(title=f"{name}, {board.cpu} at {board.megahertz} MHz: a second of audio")
    for heading in ("stage", "instructions, million", "cycles, million (estimated)", "load (estimated)"):
        table.add_column(heading, justify="left" if heading == "stage" else "right")
    total = 0.0
    for stage in STAGES:
        million = sum(cycles[stage].values()) * FRAMES_PER_SECOND / 1e6
        total += million
        instructions = counts.mean[stage] * FRAMES_PER_SECOND / 1e6
        table.add_row(stage, f"{instructions:.2f}", f"{million:.2f}", f"{million / board.megahertz:.1%}")
    instructions = sum(counts.mean.values()) * FRAMES_PER_SECOND / 1e6
    table.add_row("total", f"{instructions:.2f}", f"{total:.2f}", f"{total / board.megahertz:.1%}")
    console.print(table)
    console.print(
        f"flash {sum(sizes.flash.values()):,} bytes with model and tables; "
        f"RAM {counts.engine_bytes:,} bytes for the engine, {counts.stack_bytes:,} of stack\n"
    )
    if functions:
        by_function = {function: taken for stage in cycles.values() for function, taken in stage.items()}
        print_functions(console, sizes.flash, sizes.stack, by_function)


def print_functions(console: Console, flash: dict[str, int], stack: dict[str, int], cycles: dict[str, int]) -> None:
    """A row for each function and table, the largest first."""
    table = Table("name", "flash, bytes", "stack, bytes", "cycles a frame (estimated)")
    for name, size in sorted(flash.items(), key=lambda item: -item[1]):
        table.add_row(name, f"{size:,}", str(stack.get(name, "")), f"{cycles[name]:,}" if name in cycles else "")
    console.print(table)


if __name__ == "__main__":
    main()
