"""The compilers of the firmware tests. One that is missing is a failure: `make test` installs them all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tests import processes
from tests.signals import ROOT

CORE = ROOT / "firmware/src/core"
SOURCES = sorted(CORE.glob("*.c"))
STRICT = ["-Wall", "-Wextra", "-Wconversion", "-Werror"]
C99 = ["-std=c99", *STRICT]
CPP11 = ["-std=c++11", *STRICT]

HOST = ["gcc"]
SANITIZED = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O1"]  # for the host
CPUS = ("cortex-m3", "cortex-m0plus", "cortex-m4", "cortex-m7", "cortex-m33")
ARM = {cpu: ["arm-none-eabi-gcc", f"-mcpu={cpu}", "-mthumb", "-Os"] for cpu in CPUS}
MINGW = ["x86_64-w64-mingw32-gcc", "-O2"]
AVR = ["avr-gcc", "-mmcu=atmega328p", "-Os"]
ARM_CPP = ["arm-none-eabi-g++", "-mcpu=cortex-m3", "-mthumb", "-Os"]


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a command; return its standard output, or raise AssertionError with all of its output if it fails."""
    done = processes.run(command, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def compile_objects(compiler: Iterable[str], sources: Iterable[Path], folder: Path) -> list[Path]:
    """Compile each source on its own; the objects, with all else that the compiler writes, are in `folder`."""
    objects = []
    for source in sources:
        objects.append(folder / f"{source.name}.o")
        run(*compiler, f"-I{CORE}", "-c", source, "-o", objects[-1], cwd=folder)
    return objects


def symbol_sizes(compiled: Path) -> dict[str, int]:
    """Bytes of each sized symbol of an ARM object."""
    lines = (line.split() for line in run("arm-none-eabi-nm", "--print-size", compiled).splitlines())
    return {line[3]: int(line[1], 16) for line in lines if len(line) == 4}
