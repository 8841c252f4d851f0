"""Compute the current of a board that listens, from the load and from datasheets: docs/power.md.

    python -m bench.firmware.current
    python -m bench.firmware.current --load 13 --running 25 --sleeping 9 --microphone 2.2

Without options, it computes the chips whose datasheets give what it takes. Nothing is measured. The loads are those of
google12, as `wakeword bench firmware` estimates them.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass

from bench.options import Parser, errors_in_one_line
from bench.results.records import FOLDER, read_table


@dataclass(frozen=True)
class Chip:
    """A chip that listens, with typical currents of its datasheet in mA; docs/power.md cites them."""

    name: str
    row: str  # of bench/results/boards.json: its load, or its instructions in a second
    megahertz: int
    running: float
    sleeping: float | None  # with its clocks on; None if no table gives it
    microphone: float


CHIPS = (
    Chip("SAMD21, 48 MHz", "MKR1000: load with waits for the flash, estimated", 48, 3.37, None, 2.2),
    Chip("ESP32-C3, 160 MHz", "ESP32-C3: instructions in a second of audio", 160, 23, 16, 2.2),
    Chip("ESP32-C3, 80 MHz", "ESP32-C3: instructions in a second of audio", 80, 17, 13, 2.2),
)
HEADINGS = ("chip", "load", "running", "sleeping", "microphone", "all the time awake", "asleep between the frames")


def average(load: float, running: float, sleeping: float, microphone: float = 0) -> float:
    """Return the mean current in the unit of the currents; load: the fraction of the time that the chip is awake."""
    return load * running + (1 - load) * sleeping + microphone


def load_of(chip: Chip) -> float:
    """Return the fraction of the time that a chip computes. Instructions count as a cycle each."""
    (record,) = [record for record in read_table(FOLDER / "boards.json").records if record.row == chip.row]
    return record.mean / (100 if record.unit == "%" else chip.megahertz)


def row(chip: Chip) -> list[str]:
    """Return the cells of a chip. If its sleeping current is unknown, the mean lies between none and all of running."""
    load = load_of(chip)
    ends = (0.0, chip.running) if chip.sleeping is None else (chip.sleeping,)
    means = [f"{average(load, chip.running, sleeping, chip.microphone):.2f}" for sleeping in ends]
    sleeping = "–" if chip.sleeping is None else f"{chip.sleeping:g}"
    awake = average(1, chip.running, 0, chip.microphone)
    currents = [f"{chip.running:g}", sleeping, f"{chip.microphone:g}", f"{awake:.2f}"]
    return [chip.name, f"{load:.1%}".replace("%", " %"), *currents, " to ".join(means)]


def table() -> str:
    """Return the chips as the table of docs/power.md, in mA."""
    rows = [HEADINGS, ["---"] * len(HEADINGS), *(row(chip) for chip in CHIPS)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def milliamperes(text: str) -> float:
    """Parse a current."""
    number = float(text)
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no current in mA")
    return number


def percent(text: str) -> float:
    """Parse a load in percent as a fraction."""
    number = float(text)
    if not 0 <= number <= 100:
        raise argparse.ArgumentTypeError(f"{text} is not between 0 and 100 %")
    return number / 100


@errors_in_one_line()
def main() -> None:
    """Parse, compute, print."""
    parser = Parser("firmware.current", __doc__, module=True)
    parser.add_argument("--load", type=percent, help="percent of the time that the processor computes")
    parser.add_argument("--running", type=milliamperes, help="mA while it computes")
    parser.add_argument("--sleeping", type=milliamperes, help="mA while it sleeps, its clocks on")
    parser.add_argument(
        "--microphone", type=milliamperes, default=0.0, help="mA of microphone and board; 0 if left out"
    )
    options = parser.parse_args()
    own = (options.load, options.running, options.sleeping)
    if own == (None, None, None):
        print(table())
    elif None in own:
        parser.error("give --load, --running and --sleeping together")
    else:
        print(f"{average(*own, options.microphone):.2f} mA")


if __name__ == "__main__":
    main()
