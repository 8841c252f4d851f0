"""A program that the studio's page writes to an MKR1000 or a Zero by Web Serial: its modules in node, at a SAM-BA
bootloader on a pty. The board holds the file's bytes, or one line says what to do."""

from __future__ import annotations

import binascii
import json
import random
import struct
from pathlib import Path
from typing import Any

import pytest

from tests.firmware.chips import BOOTLOADER, Samd21
from tests.firmware.samba import SamBaBoard
from tests.node import NODE
from tests.processes import run
from tests.service.serial_writing import Written, page_modules, write
from tests.waits import until
from wakeword.boards.kinds import BOARDS

RUNNING, IN_BOOTLOADER = (0x2341, 0x804E), (0x2341, 0x004E)
HASTE = 0.1  # by which waits are multiplied, since nobody answers
STACK, ENTRY = 0x20008000, 0x2131


def samd_program(size: int = 9001) -> bytes:
    """A program's beginning, and what stands for the rest; no whole page."""
    return struct.pack("<II", STACK, ENTRY) + random.Random(0).randbytes(size - 8)


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return page_modules(tmp_path_factory.mktemp("modules"))


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "Link.ino.bin").write_bytes(samd_program())
    return tmp_path / "Link.ino.bin"


@pytest.mark.parametrize("name", ["mkr1000", "zero"])
def test_a_board_in_its_bootloader_holds_what_was_written_and_restarts(
    modules: Path, tmp_path: Path, program: Path, name: str
) -> None:
    chip = Samd21()
    chip.flash[0x30000] = 0  # of a program before
    with SamBaBoard(chip, tmp_path, in_bootloader=True) as board:
        written = write(modules, board.port, name, program, IN_BOOTLOADER)
        until(lambda: chip.was_reset)
    assert written == Written(None, True, ["connecting", "erasing", "writing", "checking"], [115_200])
    assert chip.image == program.read_bytes().ljust(len(chip.image), b"\xff")
    assert set(chip.flash[:BOOTLOADER]) == {0xBB}


def test_a_touch_leads_a_running_board_into_its_bootloader(modules: Path, tmp_path: Path, program: Path) -> None:
    chip = Samd21()
    with SamBaBoard(chip, tmp_path) as board:
        touched = write(modules, board.port, "mkr1000", program, RUNNING, touch=True)
        until(lambda: chip.was_touched)
        assert write(modules, board.port, "mkr1000", program, IN_BOOTLOADER).error is None
    assert (touched.error, touched.baud_rates) == (None, [1200])
    assert chip.image.startswith(program.read_bytes())


def test_a_corrupt_byte_is_found(modules: Path, tmp_path: Path, program: Path) -> None:
    with SamBaBoard(Samd21(corrupt=BOOTLOADER + 100), tmp_path, in_bootloader=True) as board:
        written = write(modules, board.port, "mkr1000", program)
    assert written.error is not None and written.error.startswith("the board's flash differs from the program")


@pytest.mark.parametrize(
    ("chip", "line"),
    [
        ({"device_id": 0x60060000}, "the board has another chip than a SAMD21: choose the board that it is"),
        (
            {"version": b"v1.1 Oct 14 2014\n\r"},
            "the board's bootloader can't erase and check by itself: wakeword flash",
        ),
        ({"version": b"v2.0 [Arduino:XZ]\n\r"}, "the board's bootloader can't erase and check by itself"),
    ],
    ids=["another chip", "no extensions", "one is missing"],
)
def test_another_board_is_not_written(
    modules: Path, tmp_path: Path, program: Path, chip: dict[str, Any], line: str
) -> None:
    board_s = Samd21(**chip)
    with SamBaBoard(board_s, tmp_path, in_bootloader=True) as board:
        written = write(modules, board.port, "mkr1000", program)
    assert written.error is not None and written.error.startswith(line)
    assert set(board_s.image) == {0xFF}


def test_a_prompt_that_comes_late_is_not_taken_for_the_version(modules: Path, tmp_path: Path, program: Path) -> None:
    chip = Samd21()
    with SamBaBoard(chip, tmp_path, in_bootloader=True, late_prompt=True) as board:
        written = write(modules, board.port, "mkr1000", program)
    assert written.error is None
    assert chip.image.startswith(program.read_bytes())


def test_a_board_without_a_bootloader_is_one_line(modules: Path, tmp_path: Path, program: Path) -> None:
    with SamBaBoard(Samd21(), tmp_path) as board:
        written = write(modules, board.port, "mkr1000", program, patience=HASTE)
    assert written.error is not None
    assert written.error.startswith("no bootloader answers: press the board's reset button twice, quickly")


@pytest.mark.parametrize(
    ("chip", "unplug_after", "options", "line"),
    [
        ({"mute": "X"}, None, {"silentFrom": "erasing"}, "the board fell silent: check the cable, and write it again"),
        ({"mute": "Y"}, None, {"silentFrom": "writing"}, "the board fell silent: check the cable, and write it again"),
        ({}, 64, {}, "the board's port is gone: check the cable, plug the board in, and write it again"),
        ({}, None, {"stopAt": "writing"}, "stopped"),
    ],
    ids=["silent amid erasing", "silent amid writing", "unplugged", "stopped"],
)
def test_a_program_that_is_not_written_whole_is_never_called_written(
    modules: Path,
    tmp_path: Path,
    program: Path,
    chip: dict[str, Any],
    unplug_after: int | None,
    options: dict[str, Any],
    line: str,
) -> None:
    with SamBaBoard(Samd21(**chip), tmp_path, unplug_after, in_bootloader=True) as board:
        written = write(modules, board.port, "mkr1000", program, **options)
    assert written.error is not None and written.error.startswith(line)
    assert "checking" not in written.did


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "the file is no program for this board"),
        (b"words and words", "the file is no program for this board: export the compiled binary for it"),
        (struct.pack("<II", STACK, 0x131) + bytes(5000), "the file is no program for this board"),
        (struct.pack("<II", 0x20088000, ENTRY) + bytes(5000), "the file is no program for this board"),
        (samd_program(255_000), "the program is larger than the board's flash"),
    ],
    ids=["empty", "a text", "with its bootloader", "a Due's", "too large"],
)
def test_a_file_that_is_no_program_for_the_board_touches_no_port(
    modules: Path, program: Path, content: bytes, line: str
) -> None:
    program.write_bytes(content)
    written = write(modules, "/dev/nowhere", "mkr1000", program)
    assert written.error is not None and written.error.startswith(line)
    assert written.baud_rates == []


def test_the_sum_is_the_crc_of_xmodem(modules: Path) -> None:
    sizes = [0, 1, 64, 4096]
    script = f"""
        import {{ crc }} from {str(modules / "samba.js")!r};
        for (const size of {sizes}) console.log(crc(Uint8Array.from({{ length: size }}, (_, at) => (at * 7) & 255)));
    """
    found = run([NODE, "--input-type=module", "--eval", script]).stdout.split()
    assert found == [str(binascii.crc_hqx(bytes(at * 7 & 255 for at in range(size)), 0)) for size in sizes]


def test_the_page_knows_the_boards_by_the_usb_numbers_that_the_command_knows(modules: Path) -> None:
    script = f"""
        import {{ PROTOCOLS }} from {str(modules / "serial_protocols.js")!r};
        const each = Object.entries(PROTOCOLS).map(([name, {{ filters }}]) => [name, filters]);
        console.log(JSON.stringify(Object.fromEntries(each)));
    """
    told = json.loads(run([NODE, "--input-type=module", "--eval", script]).stdout)
    found = {name: {(it["usbVendorId"], it["usbProductId"]) for it in filters} for name, filters in told.items()}
    assert found == {name: set(BOARDS[name].usb) for name in ("esp32c3", "esp32s3", "mkr1000", "zero")}
