"""Test that the pipeline on a simulated Uno keeps up, fits, and equals the NumPy reference.

    python -m bench.firmware.uno_live [--model MODEL] [--input AUDIO]

UnoLive is built with the real Arduino core and all of the library, and run in simavr. The converter gets the recording
by `wakeword.inference.uno.sampled`. Exit status 1: a frame or an event differs from the reference.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.firmware.board import EMULATION, ROOT, SRC, run
from bench.firmware.uno import FLASH, MEGAHERTZ, RAM, compile_sketch, sizes
from bench.options import Parser, errors_in_one_line
from featurizer import uno
from wakeword.audio.files import read_audio
from wakeword.inference.uno import UnoEngine, load_uno_model, sampled
from wakeword.model.export_uno import MAX_HIDDEN, MAX_LABELS, export_uno
from wakeword.model.file import Model

CYCLES_A_HOP = MEGAHERTZ * 1_000_000 * uno.HOP // uno.SAMPLE_RATE
_POLL, _FRAME, _STATE = "ww_uno_live_poll", "ww_detector_step", "wakeword_uno"


@dataclass(frozen=True)
class Run:
    """The results of a simulated Uno."""

    features: npt.NDArray[np.int16]  # (frames, 16)
    posteriors: npt.NDArray[np.int16]  # (frames, K)
    hidden: npt.NDArray[np.int16]  # (frames, H)
    cycles: npt.NDArray[np.int64]  # (frames,), from the call to the return, interrupts included
    lines: list[str]  # of the serial port
    load: float  # fraction of all cycles that frames take
    stack: int  # bytes, at most


def build(loaded: Model, folder: Path, options: Sequence[str] = ()) -> Path:
    """Build the UnoLive sketch with a model as the Arduino IDE does, with all files of the library.

    options: of the compiler and the linker, besides the Arduino IDE's.
    """
    model = folder / "uno_model.c"
    model.write_text(export_uno(loaded))
    library = [*sorted(SRC.rglob("*.c")), *sorted(SRC.rglob("*.cpp"))]
    return compile_sketch(ROOT / "firmware/examples/UnoLive/UnoLive.ino", [model, *library], folder, options)


def simulate(elf: Path, loaded: Model, samples: npt.NDArray[np.uint16]) -> Run:
    """Run a simulated Uno on samples (n,) of its converter, and 20 ms more of the last one."""
    simulator, recording = elf.with_name("simulator"), elf.with_name("samples")
    source = EMULATION / "uno_live.c"
    run(["gcc", "-O2", "-Wall", "-Wextra", "-Werror", source, "-lsimavr", "-o", simulator], elf.parent)
    recording.write_bytes(samples.astype("<u2").tobytes())
    addresses = _addresses(elf)
    widths = (uno.MEL_BANDS, MAX_LABELS, MAX_HIDDEN)
    arguments = [hex(addresses[_POLL]), hex(addresses[_FRAME]), hex(addresses[_STATE]), str(2 * sum(widths))]
    printed = run([simulator, elf, recording, *arguments], elf.parent).splitlines()
    frames = [line.split()[1:] for line in printed if line.startswith("frame ")]
    rows = np.array([np.frombuffer(bytes.fromhex(state), "<i2") for _, state in frames])
    features, posteriors, hidden = np.split(rows, np.cumsum(widths)[:2], axis=1)
    figures = {words[0]: int(words[1]) for words in (line.split() for line in printed[-4:])}
    return Run(
        features,
        posteriors[:, : len(loaded.labels)],
        hidden[:, : loaded.hidden],
        np.array([int(cycles) for cycles, _ in frames]),
        [line.removeprefix("said ") for line in printed if line.startswith("said ")],
        figures["busy"] / figures["cycles"],
        figures["stack"],
    )


def differences(found: Run, loaded: Model, samples: npt.NDArray[np.uint16]) -> list[str]:
    """Return the names of the parts that differ from the reference."""
    expected = UnoEngine(loaded).push(samples)
    count = len(expected.features)
    lines = [f"{loaded.labels[event.label]} {event.frame} 0" for event in expected.events]
    equal = {
        "features": np.array_equal(found.features[:count], expected.features),
        "hidden states": np.array_equal(found.hidden[:count], expected.hidden),
        "posteriors": np.array_equal(found.posteriors[:count], expected.posteriors),
        "events": found.lines == lines,
    }
    return [name for name, is_equal in equal.items() if not is_equal]


def _addresses(elf: Path) -> dict[str, int]:
    """Return the address of each symbol in bytes; of data from the start of RAM, which the linker puts at 0x800000."""
    lines = (line.split(maxsplit=2) for line in run(["avr-nm", "--demangle", elf], elf.parent).splitlines())
    return {words[2]: int(words[0], 16) & 0xFFFF for words in lines if len(words) == 3}


@errors_in_one_line()
def main() -> None:
    """Parse, build, simulate, compare, print."""
    parser = Parser("firmware.uno_live", __doc__, module=True)
    parser.add_argument("--model", help="a model of the Uno; the shipped one if left out")
    parser.add_argument(
        "--input",
        type=Path,
        default=ROOT / "wakeword/assets/demo.flac",
        help="an audio file; the demo recording if left out",
    )
    options = parser.parse_args()
    loaded, samples = load_uno_model(options.model), sampled(read_audio(options.input))
    with tempfile.TemporaryDirectory() as folder:
        elf = build(loaded, Path(folder))
        found = simulate(elf, loaded, samples)
        flash, ram = sizes(elf)
    different = differences(found, loaded, samples)
    print(f"{len(samples) / uno.SAMPLE_RATE:.1f} s, {len(found.features)} frames, {len(found.lines)} events:", end=" ")
    print("equal to the reference" if not different else f"different: {', '.join(different)}")
    worst = found.cycles.max()
    print(f"cycles of a frame, interrupts included: {worst:,} at most of {CYCLES_A_HOP:,} ({worst / CYCLES_A_HOP:.1%})")
    print(f"load {found.load:.1%}; flash {flash:,} of {FLASH:,}; RAM {ram:,} and {found.stack} of stack of {RAM:,}")
    sys.exit(bool(different))


if __name__ == "__main__":
    main()
