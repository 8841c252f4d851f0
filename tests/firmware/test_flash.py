"""`wakeword flash` with the real bossac and the real avrdude, against bootloaders on ptys: each failure is one line
that says what to do."""

from __future__ import annotations

import os
import re
import socket
from dataclasses import dataclass, replace
from pathlib import Path

import click
import pytest

from tests.firmware.chips import Sam3x8e, Samd21
from tests.firmware.link_board import build_link
from tests.firmware.samba import SamBaBoard
from tests.firmware.stk500 import UnoBoard
from tests.firmware.toolchain import run
from tests.signals import ROOT, demo_words
from tests.wakeword.models import random_model
from tests.wakeword.terminal import refusal, wakeword
from wakeword.boards.build import build
from wakeword.boards.flash import BOARDS, Found, find, flash
from wakeword.commands.board import flash as flash_command
from wakeword.errors import WakewordError
from wakeword.firmware import arduino_library
from wakeword.model.export_c import model_id

MODEL = random_model(0)


def test_the_library_s_page_has_a_row_for_each_board_with_its_core_and_sketch() -> None:
    page = (ROOT / "firmware/README.md").read_text("utf-8")
    rows: dict[str, tuple[str, str]] = {}
    for names, core, sketch in re.findall(r"^\| (`[^|]+`) \| `([\w:]+)` \| (\w+) \|", page, re.M):
        rows |= dict.fromkeys(re.findall(r"`([^`]+)`", names), (core, sketch))
    assert rows == {name: (board.fqbn.rpartition(":")[0], board.sketch) for name, board in BOARDS.items()}


@pytest.fixture(scope="module")
def firmware(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A firmware file that answers hello, with input.wav as its microphone."""
    elf = build_link(MODEL, demo_words(), tmp_path_factory.mktemp("firmware"))
    run("arm-none-eabi-objcopy", "-O", "binary", elf, elf.with_suffix(".bin"))
    return elf.with_suffix(".bin")


def flash_due(board: SamBaBoard, firmware: Path, wanted: int | None = None) -> int:
    return flash(Found(BOARDS["due"], board.port), firmware, wanted, lambda line: None)


def test_a_due_runs_what_was_written(firmware: Path) -> None:
    with SamBaBoard(Sam3x8e(), firmware.parent) as board:
        assert flash_due(board, firmware, model_id(MODEL)) == model_id(MODEL)
    image = firmware.read_bytes()
    assert board.chip.flash[: len(image)] == image


def test_a_due_can_be_flashed_again(firmware: Path) -> None:
    with SamBaBoard(Sam3x8e(), firmware.parent) as board:
        assert {flash_due(board, firmware) for _ in range(2)} == {model_id(MODEL)}


def test_the_command_says_what_the_board_runs(firmware: Path) -> None:
    with SamBaBoard(Sam3x8e(), firmware.parent) as board:
        done = wakeword("flash", "--board", "due", "--port", board.port, "--firmware", firmware)
    assert (done.returncode, done.stdout.split()[-1]) == (0, f"{model_id(MODEL):08x}")


def test_a_corrupt_byte_is_found(firmware: Path) -> None:
    with (
        SamBaBoard(Sam3x8e(corrupt_page=3), firmware.parent) as board,
        pytest.raises(WakewordError, match="the board's flash differs from the firmware; try again"),
    ):
        flash_due(board, firmware)


def test_a_cable_that_is_pulled_out_is_one_line(firmware: Path) -> None:
    with (
        SamBaBoard(Sam3x8e(), firmware.parent, unplug_after=5) as board,
        pytest.raises(WakewordError, match="check the cable"),
    ):
        flash_due(board, firmware)


def test_a_due_with_another_chip_is_not_written(firmware: Path) -> None:
    chip = Sam3x8e(chip_id=0x285B0960)  # an ATSAM3X4E
    with (
        SamBaBoard(chip, firmware.parent) as board,
        pytest.raises(WakewordError, match="is ATSAM3X4, a due has ATSAM3X8; name the board with --board"),
    ):
        flash_due(board, firmware)
    assert chip.pages == 0


def test_a_board_that_runs_another_model_is_refused(firmware: Path) -> None:
    with SamBaBoard(Sam3x8e(), firmware.parent) as board, pytest.raises(WakewordError, match=r"not 12345678.*again"):
        flash_due(board, firmware, wanted=0x12345678)


@dataclass(frozen=True)
class Port:
    """A serial port as the operating system lists it."""

    device: str
    vid: int | None = None
    pid: int | None = None


DUE, MKR1000 = Port("/dev/ttyACM0", 0x2341, 0x003D), Port("/dev/ttyACM1", 0x2341, 0x804E)
UNO = Port("/dev/tty7", 0x2341, 0x43)
OTHER = Port("/dev/ttyS0")


@pytest.fixture
def plugged(monkeypatch: pytest.MonkeyPatch) -> list[Port]:
    """The boards that are plugged in: a list for the test to fill."""
    ports: list[Port] = [OTHER]
    monkeypatch.setattr("wakeword.boards.ports.list_ports.comports", lambda: ports)
    return ports


@pytest.mark.parametrize("product", [0x804E, 0x804D], ids=["mkr1000", "zero"])
def test_a_samd21_runs_what_was_written_and_keeps_its_bootloader(
    firmware: Path, plugged: list[Port], product: int
) -> None:
    with SamBaBoard(Samd21(), firmware.parent) as board:
        plugged.append(replace(MKR1000, device=board.port, pid=product))
        found = flash(find(None, None), firmware, model_id(MODEL), lambda line: None)
    assert found == model_id(MODEL)
    assert board.chip.image.startswith(firmware.read_bytes())
    assert set(board.chip.flash[:0x2000]) == {0xBB}


def test_an_mkr1000_that_does_not_come_back_is_one_line(
    firmware: Path, plugged: list[Port], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wakeword.boards.ports._PORT_PATIENCE", 0.1)
    with (
        SamBaBoard(Samd21(), firmware.parent) as board,
        pytest.raises(WakewordError, match="has not come back; press its reset button twice"),
    ):
        flash(Found(BOARDS["mkr1000"], board.port), firmware, None, lambda line: None)


def flash_uno(board: UnoBoard, firmware: Path) -> None:
    flash(Found(BOARDS["uno"], board.port), firmware, None, lambda line: None)


@pytest.fixture
def hex_file(firmware: Path, tmp_path: Path) -> Path:
    run("arm-none-eabi-objcopy", "-I", "binary", "-O", "ihex", firmware, tmp_path / "firmware.hex")
    return tmp_path / "firmware.hex"


def test_an_uno_holds_what_was_written(hex_file: Path, firmware: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wakeword.boards.flash._FIRMWARE_PATIENCE", 0.1)  # this Uno has nothing that runs its program
    with UnoBoard() as board, pytest.raises(WakewordError, match="was written; no wakeword firmware answers"):
        flash_uno(board, hex_file)
    image = firmware.read_bytes()
    assert board.flash[: len(image)] == image


def test_a_corrupt_byte_of_an_uno_is_found(hex_file: Path) -> None:
    with UnoBoard(corrupt=777) as board, pytest.raises(WakewordError, match="differs from the firmware"):
        flash_uno(board, hex_file)


def test_another_chip_in_place_of_an_uno_s_is_not_written(hex_file: Path) -> None:
    with UnoBoard(signature=b"\x1e\x98\x01") as board, pytest.raises(WakewordError, match="another chip"):
        flash_uno(board, hex_file)
    assert set(board.flash) == {0xFF}


@pytest.mark.parametrize(
    ("port", "name"),
    [
        (DUE, "due"),
        (MKR1000, "mkr1000"),
        (UNO, "uno"),
        (Port("/dev/ttyACM0", 0x2341, 0x804D), "zero"),
        (Port("/dev/ttyACM0", 0x2E8A, 0x000A), "pico"),
        (Port("/dev/ttyACM0", 0x2E8A, 0x400F), "pico2"),
        (Port("/dev/ttyACM0", 0x2341, 0x805A), "nano33ble"),
        (Port("/dev/ttyACM0", 0x2341, 0x005E), "nanorp2040"),
        (Port("/dev/ttyACM0", 0x2886, 0x8045), "xiao-sense"),
    ],
)
def test_the_only_board_is_found(plugged: list[Port], port: Port, name: str) -> None:
    plugged.append(port)
    assert find(None, None) == find(name, None) == find(None, port.device) == Found(BOARDS[name], port.device)


def test_a_port_without_usb_ids_is_the_board_that_the_user_names(plugged: list[Port]) -> None:
    assert find("due", "/dev/pts/3") == Found(BOARDS["due"], "/dev/pts/3")


@pytest.mark.parametrize(
    ("ports", "board", "port", "line"),
    [
        ([], None, None, "no board is plugged in; check the cable"),
        ([], "due", None, "no due is plugged in; check the cable"),
        ([], None, "/dev/ttyS0", "/dev/ttyS0 does not tell which board it is; name it with --board"),
        ([DUE, UNO], None, None, "several boards: due at /dev/ttyACM0, uno at /dev/tty7; choose one with --port"),
        ([UNO], "due", None, "there is no due, only uno at /dev/tty7"),
        ([MKR1000], "due", "/dev/ttyACM1", "there is no due, only mkr1000 at /dev/ttyACM1"),
    ],
)
def test_no_board_and_several_boards_are_one_line(
    plugged: list[Port], ports: list[Port], board: str | None, port: str | None, line: str
) -> None:
    plugged.extend(ports)
    with pytest.raises(WakewordError, match=line):
        find(board, port)


def test_a_port_that_is_not_there_is_one_line(firmware: Path) -> None:
    done = wakeword("flash", "--board", "due", "--port", "/dev/nowhere", "--firmware", firmware)
    assert "/dev/nowhere can't be opened" in refusal(done)


@pytest.mark.parametrize(("name", "complaint"), [("none.bin", "there is no firmware"), ("words.txt", "no .bin file")])
def test_a_file_that_is_no_firmware_is_one_line(tmp_path: Path, name: str, complaint: str) -> None:
    (tmp_path / "words.txt").write_text("yes no")
    done = wakeword("flash", "--board", "due", "--port", "/dev/nowhere", "--firmware", tmp_path / name)
    assert complaint in refusal(done)


def test_a_missing_tool_names_the_package_that_brings_it(tmp_path: Path) -> None:
    with SamBaBoard(Sam3x8e(), tmp_path) as board:
        (tmp_path / "firmware.bin").write_bytes(b"x")
        arguments = ["flash", "--board", "due", "--port", board.port, "--firmware", tmp_path / "firmware.bin"]
        done = wakeword(*arguments, environment={"PATH": str(tmp_path)})
    assert "bossac is not installed: apt install bossa-cli" in refusal(done)


# In place of arduino-cli, which no registry has: it checks its arguments. Its files name the board they are for.
STAND_IN = """#!/bin/sh
set -eu
if [ "$1 $2 $4 $6" = "upload --fqbn --port --input-file" ] && [ $# = 7 ]; then
    [ "$(cat "$7")" = "$3" ]
    exit
fi
[ $# = 8 ] && [ "$1 $2 $4 $6" = "compile --fqbn --library --output-dir" ]
sketch=$(basename "$8")
[ -f "$5/library.properties" ] && [ -f "$8/$sketch.ino" ] && [ -f "$8/wakeword_model.h" ]
mkdir -p "$7"
for suffix in bin hex uf2 zip merged.bin; do
    printf %s "$3" > "$7/$sketch.ino.$suffix"
done
"""


@pytest.fixture
def arduino_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tool = tmp_path / "arduino-cli"
    tool.write_text(STAND_IN)
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.parametrize("name", BOARDS)
def test_arduino_cli_is_given_the_library_and_the_sketch_with_the_model(
    name: str, tmp_path: Path, arduino_cli: None
) -> None:
    board = BOARDS[name]
    built = build(board, random_model(), tmp_path)
    assert built.read_text() == board.fqbn
    assert built.name.endswith(".ino.merged.bin" if board.tool == "esptool" else f".ino{board.suffix}")


def test_a_board_that_debian_s_bossac_does_not_know_is_written_by_arduino_cli(
    tmp_path: Path, arduino_cli: None, plugged: list[Port], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wakeword.boards.flash._FIRMWARE_PATIENCE", 0.1)
    board = BOARDS["nano33ble"]
    with socket.create_server(("127.0.0.1", 0)) as silent:
        plugged.append(Port(f"socket://127.0.0.1:{silent.getsockname()[1]}", *min(board.usb)))
        with pytest.raises(WakewordError, match="no wakeword firmware answers"):  # so it was written
            flash(find(None, None), build(board, MODEL, tmp_path), None, lambda line: None)


def test_without_arduino_cli_the_message_asks_for_a_compiled_file(tmp_path: Path) -> None:
    done = wakeword("flash", "--board", "due", "--port", "/dev/nowhere", environment={"PATH": str(tmp_path)})
    assert "arduino-cli is not installed" in refusal(done) and "--firmware" in refusal(done)


def test_every_board_is_offered_by_the_command_and_has_its_sketch() -> None:
    offered = next(option for option in flash_command.params if option.name == "board").type
    assert isinstance(offered, click.Choice) and list(offered.choices) == list(BOARDS)
    assert all((arduino_library() / "examples" / board.sketch).is_dir() for board in BOARDS.values())
