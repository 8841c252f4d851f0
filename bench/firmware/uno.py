"""A simulated Uno: build a sketch with the real Arduino core, and run it in simavr, whose cycles are the chip's."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import tty
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.firmware.board import CORE, EMULATION, ROOT, SRC, run
from wakeword.model.export_c import export_c
from wakeword.model.file import Model

ARDUINO = Path("/usr/share/arduino/hardware/arduino/avr")
MEGAHERTZ, FLASH, RAM = 16, 32 * 1024, 2 * 1024
_CORE = ARDUINO / "cores/arduino"
# This compiler's float.h lacks a macro of the core's Print.cpp.
_DEFINES = ["-DF_CPU=16000000L", "-DARDUINO=10813", "-DARDUINO_AVR_UNO", "-DARDUINO_ARCH_AVR"]
_DEFINES += ["-DDECIMAL_DIG=__DECIMAL_DIG__"]
_FLAGS = ["-mmcu=atmega328p", "-Os", "-ffunction-sections", "-fdata-sections", *_DEFINES]
_INCLUDES = [f"-I{folder}" for folder in (_CORE, ARDUINO / "variants/standard", SRC)]
LIBRARY = [*CORE, *sorted((SRC / "link").glob("ww_[ln]*.c"))]


def build(model: Model, folder: Path) -> Path:
    """Build the UnoFeatures sketch with a model, as the Arduino IDE does."""
    (folder / "wakeword_model.h").write_text(export_c(model))
    return compile_sketch(ROOT / "firmware/examples/UnoFeatures/UnoFeatures.ino", LIBRARY, folder)


def compile_sketch(source: Path, library: list[Path], folder: Path, options: Sequence[str] = ()) -> Path:
    """Compile a sketch with files of the library and the Arduino core. Headers in the folder come first.

    options: of the compiler and the linker, besides the Arduino IDE's.
    """
    sketch = folder / "sketch.cpp"
    sketch.write_text(f"#include <Arduino.h>\n{source.read_text()}")
    objects: list[str | Path] = []
    for path in [sketch, *library, *sorted(_CORE.glob("*.c")), *sorted(_CORE.glob("*.cpp"))]:
        cpp = ["-std=gnu++11", "-fno-exceptions", "-fno-threadsafe-statics"]
        compiler = ["avr-gcc", "-std=gnu11"] if path.suffix == ".c" else ["avr-g++", *cpp]
        objects.append(folder / f"{path.name}.o")
        run([*compiler, *_FLAGS, *options, f"-I{folder}", *_INCLUDES, "-w", "-c", path, "-o", objects[-1]], folder)
    elf = folder / "uno.elf"
    run(["avr-gcc", *_FLAGS, *options, "-Wl,--gc-sections", *objects, "-lm", "-o", elf], folder)
    return elf


def sizes(elf: Path) -> tuple[int, int]:
    """Return the bytes of flash, and of RAM without the stack."""
    row = run(["avr-size", elf], elf.parent).splitlines()[1].split()
    text, data, bss = map(int, row[:3])
    return text + data, data + bss


@dataclass
class Uno:
    """A running Uno. It has figures once it has ended."""

    port: str
    figures: dict[str, int] = field(default_factory=dict)

    @property
    def cycles(self) -> int:
        """Return the most cycles from the last byte of a message to the first byte of its answer."""
        return self.figures["cycles"]

    @property
    def stack(self) -> int:
        """Return the greatest depth of the stack, in bytes."""
        return self.figures["stack"]


@contextmanager
def running(elf: Path) -> Iterator[Uno]:
    """Run the Uno, its serial port at a pty."""
    simulator = elf.with_name("simulator")
    run(["gcc", "-O2", "-Wall", "-Wextra", "-Werror", EMULATION / "uno.c", "-lsimavr", "-o", simulator], elf.parent)
    master, slave = pty.openpty()
    tty.setraw(slave)
    uno = Uno(os.ttyname(slave))
    with subprocess.Popen([simulator, elf], stdin=master, stdout=master, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield uno
        finally:
            process.terminate()
            _, printed = process.communicate()
            os.close(master)
            os.close(slave)
            uno.figures.update({name: int(number) for name, number in re.findall(r"^(\w+) (\d+)$", printed, re.M)})
