"""The Arduino library, compiled as an Arduino core does it, against headers that declare what the real ones declare."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from tests.firmware.toolchain import ARM, C99, HOST, run
from tests.signals import ROOT

LIBRARY = ROOT / "firmware"
SRC = LIBRARY / "src"
FAKE = Path(__file__).with_name("fake")
# Not -Wconversion: the boards' own headers shift into narrow registers.
WARNINGS = ["-Wall", "-Wextra", "-Werror"]


@dataclass(frozen=True)
class Board:
    """A board, as its core compiles for it."""

    core: str  # folder of headers
    c: list[str]  # compiler and its options for the chip
    defines: list[str]
    sketches: list[str]
    standard: str = "gnu++17"
    options: list[str] = field(default_factory=list)

    @property
    def compiler(self) -> list[str]:
        """Return the C compiler with what the core defines and where its headers are."""
        places = [f"-I{SRC}", f"-I{FAKE / self.core}"]
        return [*self.c, *self.options, *(f"-D{name}" for name in self.defines), *places]

    @property
    def cpp(self) -> list[str]:
        """Return the same for C++."""
        program, *rest = self.compiler
        return [program.removesuffix("gcc") + "g++", *rest, f"-std={self.standard}", "-fno-rtti", "-fno-exceptions"]


def arm(cpu: str) -> list[str]:
    return ARM.get(cpu, ["arm-none-eabi-gcc", f"-mcpu={cpu}", "-mthumb", "-Os"])


ANALOG, I2S, PDM = ["Words", "ThenCommand", "Link"], ["WordsI2S", "LinkI2S"], ["WordsPdm", "LinkPdm"]
PICO = ["Timing", *ANALOG, *I2S, *PDM]
RV32 = ["riscv64-unknown-elf-gcc", "-march=rv32imc", "-mabi=ilp32", "--specs=picolibc.specs", "-Os"]
BOARDS = {
    "due": Board("due", arm("cortex-m3"), ["ARDUINO_ARCH_SAM"], ["Timing", *ANALOG], "gnu++11"),
    "mkr1000": Board("mkr1000", arm("cortex-m0plus"), ["ARDUINO_ARCH_SAMD"], ["Timing", *ANALOG, *I2S], "gnu++11"),
    "zero": Board(
        "mkr1000",
        arm("cortex-m0plus"),
        ["ARDUINO_ARCH_SAMD", "ARDUINO_SAMD_ZERO"],
        ["Timing", *ANALOG, *I2S],
        "gnu++11",
    ),
    "pico": Board("pico", arm("cortex-m0plus"), ["ARDUINO_ARCH_RP2040", "PICO_RP2040"], PICO, "gnu++23"),
    "pico2": Board("pico", arm("cortex-m33"), ["ARDUINO_ARCH_RP2040", "PICO_RP2350"], PICO, "gnu++23"),
    "nano33ble": Board(
        "mbed", arm("cortex-m4"), ["ARDUINO_ARCH_MBED", "ARDUINO_ARCH_NRF52840"], ["Timing", *PDM], "gnu++14"
    ),
    "nanorp2040": Board(
        "mbed", arm("cortex-m0plus"), ["ARDUINO_ARCH_MBED", "ARDUINO_ARCH_RP2040"], ["Timing", *PDM], "gnu++14"
    ),
    "xiao": Board(
        "nrf52", arm("cortex-m4"), ["ARDUINO_ARCH_NRF52", "ARDUINO_NRF52_ADAFRUIT"], ["Timing", *PDM], "gnu++11"
    ),
    # Debian has no compiler for the Xtensa of an ESP32 or an ESP32-S3, so this computer's reads the same source.
    "esp32": Board("esp32", [*HOST, "-Os"], ["ARDUINO_ARCH_ESP32", "CONFIG_IDF_TARGET_ESP32"], I2S, "gnu++23"),
    "esp32s3": Board(
        "esp32", [*HOST, "-Os"], ["ARDUINO_ARCH_ESP32", "CONFIG_IDF_TARGET_ESP32S3"], ["Timing", *I2S], "gnu++23"
    ),
    "esp32c3": Board("esp32", RV32, ["ARDUINO_ARCH_ESP32", "CONFIG_IDF_TARGET_ESP32C3"], ["Timing", *I2S], "gnu++23"),
}


def compile_library(board: Board, folder: Path) -> list[Path]:
    """Compile every source of the library; return the objects."""
    objects = []
    for path in [*sorted(SRC.rglob("*.c")), *sorted(SRC.rglob("*.cpp"))]:
        command = [*board.compiler, *C99] if path.suffix == ".c" else [*board.cpp, *WARNINGS]
        objects.append(folder / f"{path.name}.o")
        run(*command, "-c", path, "-o", objects[-1])
    return objects


def compile_sketch(board: Board, sketch: Path, folder: Path) -> Path:
    """Compile a sketch, beside which lie its own headers; return the object."""
    main = folder / f"{sketch.stem}.cpp"
    main.write_text(f'#include <Arduino.h>\n#line 1 "{sketch}"\n{sketch.read_text()}')
    run(*board.cpp, *WARNINGS, f"-I{sketch.parent}", "-c", main, "-o", main.with_suffix(".o"))
    return main.with_suffix(".o")
