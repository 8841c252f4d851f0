"""A program that the studio's page writes to an ESP32 by Web Serial: its modules in node, at the lines and the ROM
loader of a modelled chip. The board holds the file's bytes, or one line says what to do."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path
from typing import Any

import pytest

from tests.firmware.esp_board import APPLICATION, BEGIN, DATA, MAGIC, SECURITY, EspBoard, image
from tests.node import NODE
from tests.processes import run
from tests.service.serial_writing import Written, page_modules, write

C3, S3 = 5, 9
CHIPS = {"esp32c3": C3, "esp32s3": S3}
CONVERTER, OWN_USB = (0x10C4, 0xEA60), (0x303A, 0x1001)
HASTE = 0.05  # by which waits are multiplied, since nobody answers
PROGRAM = random.Random(0).randbytes(5001)  # with each byte that SLIP escapes; no multiple of four


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return page_modules(tmp_path_factory.mktemp("modules"))


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "LinkI2S.ino.merged.bin").write_bytes(image(C3, PROGRAM))
    return tmp_path / "LinkI2S.ino.merged.bin"


@pytest.mark.parametrize("board", CHIPS)
@pytest.mark.parametrize("own_usb", [False, True], ids=["by a converter", "by its own USB"])
def test_the_board_holds_what_was_written_and_restarts(
    modules: Path, tmp_path: Path, program: Path, board: str, own_usb: bool
) -> None:
    program.write_bytes(image(CHIPS[board], PROGRAM))
    with EspBoard(tmp_path, CHIPS[board], own_usb=own_usb) as chip:
        written = write(modules, chip.port, board, program, OWN_USB if own_usb else CONVERTER)
    assert written == Written(None, True, ["connecting", "erasing", "writing", "checking"], [115_200])
    assert chip.flash.startswith(program.read_bytes()) and not chip.in_loader


@pytest.mark.parametrize(("board", "config", "own"), [("esp32c3", 0x90, 0xAC), ("esp32s3", 0x98, 0xB4)])
def test_by_its_own_usb_the_watchdogs_are_stopped(
    modules: Path, tmp_path: Path, program: Path, board: str, config: int, own: int
) -> None:
    program.write_bytes(image(CHIPS[board], PROGRAM))
    with EspBoard(tmp_path, CHIPS[board], own_usb=True) as chip:
        chip.registers.update({0x60008000 + config: 0x1E, 0x60008000 + own: 0x4B00000})
        assert write(modules, chip.port, board, program, OWN_USB).error is None
    assert chip.registers[0x60008000 + config] == 0
    assert chip.registers[0x60008000 + own] == 0x84B00000


def test_a_program_without_bootloader_goes_to_the_application_s_place(
    modules: Path, tmp_path: Path, program: Path
) -> None:
    program.write_bytes(image(C3, PROGRAM, whole=False))
    with EspBoard(tmp_path) as chip:
        assert write(modules, chip.port, "esp32c3", program).error is None
    assert chip.flash[APPLICATION:].startswith(program.read_bytes())
    assert set(chip.flash[:APPLICATION]) == {0xFF}


def test_a_corrupt_byte_is_found(modules: Path, tmp_path: Path, program: Path) -> None:
    with EspBoard(tmp_path, corrupt=APPLICATION + 100) as chip:
        written = write(modules, chip.port, "esp32c3", program)
    assert written.error is not None and written.error.startswith("the board's flash differs from the program")


@pytest.mark.parametrize(
    ("board", "line"),
    [
        ({"chip_id": S3}, "the board has an ESP32-S3, not an ESP32-C3: choose the board that it is"),
        ({"refused": SECURITY}, "the board has an ESP32, not an ESP32-C3"),
        ({"wired": False}, "no loader answers: hold BOOT while you press RESET"),
        ({"refused": BEGIN}, "the board's loader refuses (error 6): write it again"),
    ],
    ids=["another chip", "an older chip", "no reset lines", "an error"],
)
def test_a_board_that_is_not_written_is_one_line(
    modules: Path, tmp_path: Path, program: Path, board: dict[str, Any], line: str
) -> None:
    with EspBoard(tmp_path, **board) as chip:
        chip.registers[MAGIC] = 0x00F01D83
        written = write(modules, chip.port, "esp32c3", program, patience=HASTE if "wired" in board else 100)
    assert written.error is not None and written.error.startswith(line)
    assert "checking" not in written.did and set(chip.flash) == {0xFF}


@pytest.mark.parametrize(
    ("board", "options", "line"),
    [
        ({"refused": DATA}, {}, "the board's loader refuses (error 6)"),
        ({"mute": DATA}, {"silentFrom": "writing"}, "the board fell silent: check the cable, and write it again"),
        ({"unplugged": DATA}, {}, "the board's port is gone: check the cable, plug the board in, and write it again"),
        ({}, {"stopAt": "writing"}, "stopped"),
        ({}, {"stopAt": "connecting"}, "stopped"),
    ],
    ids=["an error", "silence", "unplugged", "stopped", "stopped at once"],
)
def test_a_program_that_is_not_written_whole_is_never_called_written(
    modules: Path, tmp_path: Path, program: Path, board: dict[str, Any], options: dict[str, Any], line: str
) -> None:
    with EspBoard(tmp_path, **board) as chip:
        written = write(modules, chip.port, "esp32c3", program, **options)
    assert written.error is not None and written.error.startswith(line)
    assert "checking" not in written.did


def test_a_port_that_is_in_use_is_one_line(modules: Path, program: Path) -> None:
    written = write(modules, "/dev/nowhere", "esp32c3", program)
    assert written.error is not None and written.error.startswith("the port can't be opened (")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (image(S3, PROGRAM), "the program was built for ESP32-S3, not for ESP32-C3: choose the board that it is for"),
        (b"program" * 100, "the file is no program for an ESP32: export the compiled binary, and take the .merged.bin"),
        (b"", "the file is no program for an ESP32"),
        (image(C3, bytes(4 << 20)), "the program is larger than the flash that it was built for"),
    ],
    ids=["another chip's", "none", "empty", "too large"],
)
def test_a_file_that_is_no_program_for_the_board_touches_no_port(
    modules: Path, program: Path, content: bytes, line: str
) -> None:
    program.write_bytes(content)
    written = write(modules, "/dev/nowhere", "esp32c3", program)
    assert written.error is not None and written.error.startswith(line)
    assert written.baud_rates == []


def test_the_digest_is_md5(modules: Path) -> None:
    sizes = [0, 1, 55, 56, 63, 64, 65, 1000, 100_000]
    script = f"""
        import {{ md5 }} from {str(modules / "md5.js")!r};
        for (const size of {sizes}) console.log(md5(Uint8Array.from({{ length: size }}, (_, at) => (at * 7) & 255)));
    """
    found = run([NODE, "--input-type=module", "--eval", script]).stdout.split()
    assert found == [hashlib.md5(bytes(at * 7 & 255 for at in range(size))).hexdigest() for size in sizes]
