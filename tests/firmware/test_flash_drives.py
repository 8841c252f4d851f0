"""`wakeword flash` on boards that show a drive in their bootloader: a UF2 file is copied there, and what it holds runs
on an emulated processor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.firmware.link_board import build_link
from tests.firmware.toolchain import run
from tests.firmware.uf2_board import RP2040, RP2350, Uf2Board, as_uf2, image_of
from tests.signals import demo_words
from tests.wakeword.models import random_model
from tests.wakeword.terminal import refusal, wakeword
from wakeword.boards.flash import BOARDS, Found, find, flash
from wakeword.errors import WakewordError
from wakeword.model.export_c import model_id

MODEL = random_model(0)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A firmware that answers hello, beside what its microphone hears."""
    elf = build_link(MODEL, demo_words(), tmp_path_factory.mktemp("firmware"))
    run("arm-none-eabi-objcopy", "-O", "binary", elf, elf.with_suffix(".bin"))
    return elf.with_suffix(".bin")


@pytest.fixture
def firmware(built: Path, tmp_path: Path) -> Path:
    (tmp_path / "Link.ino.uf2").write_bytes(as_uf2(built.read_bytes(), RP2040))
    return tmp_path / "Link.ino.uf2"


@dataclass(frozen=True)
class Port:
    device: str
    vid: int = 0x2E8A
    pid: int = 0x000A


@dataclass(frozen=True)
class Partition:
    mountpoint: str


@pytest.fixture
def computer(monkeypatch: pytest.MonkeyPatch) -> list[Uf2Board]:
    """The boards at the computer, a list for the test to fill: their ports, and the drives that are mounted."""
    boards: list[Uf2Board] = []

    def ports() -> list[Port]:
        return [Port(board.port) for board in boards if board.port is not None]

    def partitions() -> list[Partition]:
        return [Partition("/"), *(Partition(str(board.drive)) for board in boards)]

    monkeypatch.setattr("wakeword.boards.ports.list_ports.comports", ports)
    monkeypatch.setattr("wakeword.boards.uf2.psutil.disk_partitions", partitions)
    return boards


def test_a_pico_whose_program_runs_is_asked_for_its_drive(
    firmware: Path, built: Path, tmp_path: Path, computer: list[Uf2Board]
) -> None:
    with Uf2Board(tmp_path, built.parent, in_bootloader=False) as board:
        computer.append(board)
        assert flash(find(None, None), firmware, model_id(MODEL), lambda line: None) == model_id(MODEL)
    assert image_of(board.written).startswith(built.read_bytes())


def test_a_pico_that_already_shows_its_drive_is_found_by_it(
    firmware: Path, built: Path, tmp_path: Path, computer: list[Uf2Board]
) -> None:
    with Uf2Board(tmp_path, built.parent) as board:
        computer.append(board)
        found = Found(BOARDS["pico"], str(board.drive))
        assert find("pico", None) == find("pico", str(board.drive)) == found
        assert flash(found, firmware, None, lambda line: None) == model_id(MODEL)


@pytest.mark.parametrize("given", [True, False])
def test_the_drive_that_two_kinds_of_boards_have_has_to_be_named(
    given: bool, tmp_path: Path, computer: list[Uf2Board]
) -> None:
    with Uf2Board(tmp_path, tmp_path) as board:
        computer.append(board)
        with pytest.raises(WakewordError, match="is the drive of a nanorp2040 or pico; name the board with --board"):
            find(None, str(board.drive) if given else None)


@pytest.mark.parametrize("given", [True, False])
def test_the_drive_that_one_kind_has_tells_what_it_is(given: bool, tmp_path: Path, computer: list[Uf2Board]) -> None:
    with Uf2Board(tmp_path, tmp_path, board_id="RP2350") as board:
        computer.append(board)
        assert find(None, str(board.drive) if given else None) == Found(BOARDS["pico2"], str(board.drive))


def test_a_folder_that_is_no_drive_is_one_line(tmp_path: Path) -> None:
    done = wakeword("flash", "--board", "pico", "--port", tmp_path, "--firmware", tmp_path / "x.uf2")
    assert f"{tmp_path} is no drive of a board in its bootloader; hold BOOTSEL" in refusal(done)


def test_a_board_that_shows_no_drive_is_one_line(
    firmware: Path, tmp_path: Path, computer: list[Uf2Board], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wakeword.boards.uf2._PATIENCE", 0.1)
    with (
        Uf2Board(tmp_path, tmp_path, in_bootloader=False) as board,
        pytest.raises(WakewordError, match="no drive RP2350 has appeared; hold BOOTSEL while you plug the board in"),
    ):
        firmware.write_bytes(as_uf2(b"program", RP2350))
        flash(Found(BOARDS["pico2"], str(board.port)), firmware, None, lambda line: None)


@pytest.mark.parametrize(
    ("written", "line"),
    [
        (as_uf2(b"program", RP2350), "was built for RP2350, a pico has RP2040; choose the board in the IDE"),
        (as_uf2(b"program", 0xADA52840), "was built for another chip, a pico has RP2040"),
        (as_uf2(b"program", RP2040)[:-1], "is no UF2 file; export the compiled binary again"),
        (b"program" * 512, "is no UF2 file; export the compiled binary again"),
    ],
)
def test_a_file_for_another_chip_or_no_uf2_is_not_copied(written: bytes, line: str, tmp_path: Path) -> None:
    (tmp_path / "firmware.uf2").write_bytes(written)
    with Uf2Board(tmp_path, tmp_path) as board:
        done = wakeword("flash", "--board", "pico", "--port", board.drive, "--firmware", tmp_path / "firmware.uf2")
    assert line in refusal(done)
    assert board.written == b""
