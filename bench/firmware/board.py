"""Emulated boards: compile the firmware as the Arduino IDE does, link it into a board's memory, and run it in QEMU.

QEMU's Cortex-M3 (mps2-an385) runs the MKR1000's Cortex-M0+ code as well. RISC-V without floating point (rv32imc) is the
instruction set of the ESP32-C3.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from featurizer import HOP, MEL_BANDS
from wakeword.audio.files import write_wav
from wakeword.model.export_c import export_c
from wakeword.model.file import Model

ROOT = Path(__file__).resolve().parent.parent.parent
SRC = ROOT / "firmware/src"
EMULATION = ROOT / "firmware/extras/emulation"
_FLAGS = ["-Os", "-g", "-ffunction-sections", "-fdata-sections", "-fstack-usage", "-Wall", "-Wextra"]
_SCRIPT = EMULATION / "board.ld"
_LINK = ["-Wl,--gc-sections", "-nostartfiles", f"-T{_SCRIPT}"]

_ICOUNT = ["-icount", "shift=6,sleep=off"]  # time jumps over what a program sleeps
_INSTRUCTION = 64  # nanoseconds of emulated time


@dataclass(frozen=True)
class _Architecture:
    """The tools of a family of processors."""

    prefix: str  # of GCC and its like
    library: tuple[str, ...]  # options for the C library
    emulator: tuple[str, ...]


_ARM = _Architecture("arm-none-eabi-", ("--specs=nano.specs", "--specs=nosys.specs"), ("qemu-system-arm",))
_RISCV = _Architecture(
    "riscv64-unknown-elf-",
    ("--specs=picolibc.specs",),
    ("qemu-system-riscv32", "-bios", "none", "-cpu", "rv32,a=off,f=off,d=off"),
)


@dataclass(frozen=True)
class Board:
    """A board: its processor and the memory that the firmware must fit into."""

    cpu: str  # its name for GCC
    megahertz: int
    flash: int  # bytes
    ram: int  # bytes
    machine: str = "mps2-an385"  # its name for QEMU
    flash_at: int = 0  # addresses in that machine
    ram_at: int = 0x20000000
    tick: int = 40  # nanoseconds of the clock of that machine that count.c reads
    memory: str = ""  # the chip whose waits for the memory are modelled

    @property
    def architecture(self) -> _Architecture:
        return _RISCV if self.cpu.startswith("rv32") else _ARM

    @property
    def target(self) -> list[str]:
        """Return GCC's options for the processor."""
        return (
            [f"-march={self.cpu}", "-mabi=ilp32"] if self.architecture is _RISCV else [f"-mcpu={self.cpu}", "-mthumb"]
        )


# The boards, and processors of boards of which nothing but the processor is emulated.
BOARDS = {
    "due": Board("cortex-m3", 84, 512 * 1024, 96 * 1024, memory="SAM3X8E"),
    "mkr1000": Board("cortex-m0plus", 48, 256 * 1024, 32 * 1024, memory="SAMD21"),
    "pico": Board("cortex-m0plus", 125, 2048 * 1024, 264 * 1024),
    "nano33ble": Board("cortex-m4", 64, 1024 * 1024, 256 * 1024, "mps2-an386"),
    "lm3s6965evb": Board("cortex-m3", 50, 256 * 1024, 64 * 1024, "lm3s6965evb"),
    "cortex-m7": Board("cortex-m7", 25, 256 * 1024, 64 * 1024, "mps2-an500"),
    "pico2": Board("cortex-m33", 150, 256 * 1024, 64 * 1024, "mps2-an505", 0x10000000, 0x38000000, tick=50),
    "esp32c3": Board("rv32imc", 160, 256 * 1024, 64 * 1024, "virt", 0x80000000, 0x80400000, tick=1),
}
_ALWAYS = [EMULATION / "startup.c", EMULATION / "semihosting.c"]
CORE = sorted((SRC / "core").glob("*.c"))


class Failed(Exception):
    """Report a tool, or a program on the board, that failed, with all of its output."""


def run(command: list[str | Path], cwd: Path, timeout: float = 3600) -> str:
    """Run a command; return its standard output. Raise Failed if it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=timeout)
    if done.returncode != 0:
        raise Failed(f"{Path(command[0]).name}: {done.stdout}{done.stderr}")
    return done.stdout


def build(board: Board, loaded: Model, sources: list[Path], folder: Path) -> Path:
    """Compile and link a program with the core; return the ELF file. Objects and stack usage go to `folder` too."""
    (folder / "wakeword_model.h").write_text(export_c(loaded))
    for compiled in Path(_core(replace(board, flash=0, ram=0)).name).iterdir():
        shutil.copy(compiled, folder)
    _compile(board, sources, folder)
    objects = [folder / f"{source.name}.o" for source in [*_ALWAYS, *CORE, *sources]]
    elf = folder / "firmware.elf"
    memory = {"flash_size": board.flash, "ram_size": board.ram, "flash_at": board.flash_at, "ram_at": board.ram_at}
    symbols = [f"-Wl,--defsym={name}={number:#x}" for name, number in memory.items()]
    tools = board.architecture
    run([f"{tools.prefix}gcc", *board.target, *symbols, *tools.library, *_LINK, *objects, "-o", elf], folder)
    return elf


@cache
def _core(board: Board) -> tempfile.TemporaryDirectory[str]:
    """Compile what is the same in all programs of a board, once for this process; return the folder of its objects."""
    folder = tempfile.TemporaryDirectory(prefix="wakeword-core-")
    _compile(board, [*_ALWAYS, *CORE], Path(folder.name))
    return folder


def _compile(board: Board, sources: list[Path], folder: Path) -> None:
    """Compile each source by itself."""
    for source in sources:
        run([*_compiler(board, source, folder), "-c", source, "-o", folder / f"{source.name}.o"], folder)


def _compiler(board: Board, source: Path, model: Path) -> list[str | Path]:
    # The model's folder comes first: the library has a model of the same name.
    tools, folders = board.architecture, (model, SRC, SRC / "core", EMULATION)
    library = tools.library if tools is _RISCV else ()  # its headers come by the same option
    common = [*board.target, *_FLAGS, *library, *(f"-I{folder}" for folder in folders)]
    if source.suffix == ".cpp":
        return [f"{tools.prefix}g++", *common, "-std=gnu++11", "-fno-exceptions", "-fno-rtti"]
    return [f"{tools.prefix}gcc", *common, "-std=gnu11"]


def emulator(board: Board, elf: Path) -> list[str | Path]:
    """Return the command that runs a program, with semihosting for files of the working directory."""
    semihosting = ["-chardev", "stdio,id=console", "-semihosting-config", "enable=on,target=native,chardev=console"]
    quiet = ["-nographic", "-monitor", "none", "-serial", "none"]
    return [*board.architecture.emulator, "-M", board.machine, *_ICOUNT, *quiet, *semihosting, "-kernel", elf]


def write_input(samples: np.ndarray, folder: Path) -> None:
    """Write the audio file that the programs read."""
    write_wav(folder / "input.wav", samples)


@dataclass(frozen=True)
class BoardTrace:
    """The results of the board, a row for each frame."""

    features: np.ndarray  # (frames, 32)
    hidden: np.ndarray  # (frames, H)
    posteriors: np.ndarray  # (frames, K)
    events: list[tuple[str, int]]  # word, frame


def trace(board: Board, loaded: Model, samples: np.ndarray, folder: Path) -> BoardTrace:
    """Run samples, at least one frame, through the library on the emulated board; return its results."""
    elf = build(board, loaded, [SRC / "WakeWord.cpp", EMULATION / "trace.cpp"], folder)
    write_input(samples[: len(samples) // HOP * HOP], folder)
    lines = run(emulator(board, elf), folder).splitlines()
    widths = [MEL_BANDS, loaded.hidden, len(loaded.labels)]
    rows = np.fromfile(folder / "trace.bin", "<i2").reshape(-1, sum(widths))
    features, hidden, posteriors = np.split(rows, np.cumsum(widths)[:-1], axis=1)
    events = [(word, int(frame)) for word, frame in map(str.split, lines)]
    return BoardTrace(features, hidden, posteriors, events)


@dataclass(frozen=True)
class Counts:
    """Instructions in a frame, and bytes."""

    mean: dict[str, float]  # by stage
    greatest: dict[str, float]
    engine_bytes: int
    further_bytes: int  # of a further model at the same front end
    stack_bytes: int


STAGES = ("front_end", "network", "detector")


def count(board: Board, loaded: Model, samples: np.ndarray, folder: Path) -> Counts:
    """Count the instructions of each stage in a frame of these samples, by the emulator."""
    elf = build(board, loaded, [EMULATION / "count.c"], folder)
    write_input(samples, folder)
    printed = {name: int(number) for name, number in map(str.split, run(emulator(board, elf), folder).splitlines())}
    instructions = board.tick / _INSTRUCTION
    return Counts(
        {stage: printed[f"{stage}_sum"] * instructions / printed["frames"] for stage in STAGES},
        {stage: printed[f"{stage}_greatest"] * instructions for stage in STAGES},
        printed["engine_bytes"],
        printed["further_bytes"],
        printed["stack_bytes"],
    )
