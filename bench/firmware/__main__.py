"""Measure the firmware on each board: `wakeword bench firmware`, or `python -m bench.firmware [--model MODEL]`.

QEMU counts the instructions. Cycles, and the cycles in which the processor waits for its memory, are estimated
(bench/firmware/cycles.py, waits.py): cycles of the Cortex-M3, M4 and M0+, waits of the Due and the MKR1000. Bytes come
from the linked program.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.firmware.board import BOARDS, EMULATION, ROOT, STAGES, Board, Counts, build, count
from bench.firmware.cycles import Taken, estimate, knows_cycles, knows_waits
from bench.firmware.paper import beside
from bench.firmware.phrase import made_up_phrase
from bench.firmware.sizes import Sizes, measure
from bench.options import Parser, errors_in_one_line
from featurizer import HOP, SAMPLE_RATE
from wakeword.audio.files import read_audio
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model

FRAMES_PER_SECOND = SAMPLE_RATE // HOP
SECONDS = 2  # of the demo recording, for the instructions
FRAMES = 12  # from its middle, for the cycles: whole steps of one to four frames; tracing every instruction is slow
OF_EACH_MODEL = ("network", "detector")  # the stages that several models at one front end don't share
UNKNOWN = "–"  # cycles that are not estimated
PHRASES = ("6", "1")  # kilobytes of the phrases of which one more is measured


@errors_in_one_line()
def main() -> None:
    """Parse, measure, print."""
    parser = Parser("firmware", __doc__)
    parser.add_argument("--model", help="a model file or the name of a shipped model; google12 if left out")
    parser.add_argument("--functions", action="store_true", help="flash, stack and cycles of each function as well")
    options = parser.parse_args()
    model = load_model(options.model)
    console = Console()
    networks = {}
    for name in ("due", "mkr1000", "nano33ble", "pico", "pico2", "esp32c3"):
        with tempfile.TemporaryDirectory() as folder:
            networks[name] = report(name, model, Path(folder), console, options.functions)
    times = []
    for name in ("due", "mkr1000"):
        network = networks[name]
        assert network is not None
        computing = network.computing.total()
        cycles = (computing, computing + network.waiting.total())
        without, with_waits = (count * FRAMES_PER_SECOND / 1e3 / BOARDS[name].megahertz for count in cycles)
        times.append((without, with_waits))
    console.print(beside(*times))


def demo(second: int = 1) -> np.ndarray:
    """Return the demo recording from this second on, int16 at 16 kHz."""
    samples = read_audio(ROOT / "wakeword/assets/demo.flac")
    return samples[second * SAMPLE_RATE :]


@dataclass(frozen=True)
class Measured:
    """What a model takes on a board, in a frame."""

    board: Board
    counts: Counts
    cycles: dict[str, Taken] | None  # None if they are not estimated

    @classmethod
    def of(cls, board: Board, model: Model, folder: Path) -> Measured:
        """Measure a model; what is built stays in the folder."""
        samples = demo(0)
        counts = count(board, model, samples[: SECONDS * SAMPLE_RATE], folder)
        heard = samples[SAMPLE_RATE:][: HOP * (FRAMES + 2)]
        return cls(board, counts, estimate(board, model, heard, folder) if knows_cycles(board) else None)

    def row(self, stages: Sequence[str]) -> list[str]:
        """Return the figures of these stages together, for a second of audio."""
        millions = FRAMES_PER_SECOND / 1e6
        instructions = sum(self.counts.mean[stage] for stage in stages) * millions
        if self.cycles is None:
            return [f"{instructions:.2f}", *[UNKNOWN] * 4]
        computing = sum(self.cycles[stage].computing.total() for stage in stages) * millions
        waiting = sum(self.cycles[stage].waiting.total() for stage in stages) * millions
        load, load_with_waits = (f"{cycles / self.board.megahertz:.1%}" for cycles in (computing, computing + waiting))
        waits = [f"{waiting:.2f}", load_with_waits] if knows_waits(self.board) else [UNKNOWN, UNKNOWN]
        return [f"{instructions:.2f}", f"{computing:.2f}", load, *waits]


def report(name: str, model: Model, folder: Path, console: Console, functions: bool) -> Taken | None:
    """Measure one board and print its tables; return the cycles of its network for a frame, if they are estimated."""
    board = BOARDS[name]
    measured = Measured.of(board, model, folder)
    sizes = measure(board, build(board, model, [EMULATION / "count.c"], folder))
    table = Table(title=f"{name}, {board.cpu} at {board.megahertz} MHz: millions a second of audio")
    table.add_column("stage")
    for heading in ("instructions", "cycles (estimated)", "load", "waits (estimated)", "load with waits"):
        table.add_column(heading, justify="right")
    for stage in STAGES:
        table.add_row(stage, *measured.row([stage]))
    table.add_row("total", *measured.row(STAGES), end_section=True)
    table.add_row("+ the same", *measured.row(OF_EACH_MODEL))
    for kilobytes in PHRASES:
        phrase = Measured.of(board, made_up_phrase(kilobytes), folder)
        table.add_row(f"+ {kilobytes} KB", *phrase.row(OF_EACH_MODEL))
    console.print(table)
    counts = measured.counts
    console.print(f"+: one more model at the same front end, this one or a made-up phrase of {' or '.join(PHRASES)} KB")
    console.print(
        f"flash {sum(sizes.flash.values()):,} bytes with model and tables; RAM {counts.engine_bytes:,} bytes for the "
        f"engine, {counts.further_bytes:,} for each model more, {sum(sizes.code_in_ram.values()):,} of code, "
        f"{counts.stack_bytes:,} of stack\n"
    )
    if functions:
        print_functions(console, sizes, list((measured.cycles or {}).values()), waits=knows_waits(board))
    return measured.cycles["network"] if measured.cycles else None


def print_functions(console: Console, sizes: Sizes, cycles: list[Taken], waits: bool) -> None:
    """Print a row for each function and table, the largest first.

    waits: whether the board's waits are known.
    """
    computing, waiting = Counter[str](), Counter[str]()
    for stage in cycles:
        computing.update(stage.computing)
        waiting.update(stage.waiting)
    table = Table("name", "flash, bytes", "stack, bytes", "cycles a frame (estimated)", "and waits (estimated)")
    for name, size in sorted(sizes.flash.items(), key=lambda item: -item[1]):
        taken = [f"{computing[name]:,}", f"{waiting[name]:,}" if waits else UNKNOWN] if name in computing else []
        table.add_row(name, f"{size:,}", str(sizes.stack.get(name, "")), *taken)
    console.print(table)


if __name__ == "__main__":
    main()
