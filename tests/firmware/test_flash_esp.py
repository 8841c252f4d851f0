"""`wakeword flash` on an ESP32-C3: the real esptool, at the lines and the ROM loader of a modelled chip."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.firmware.esp_board import APPLICATION, EspBoard, image
from tests.firmware.link_board import build_link
from tests.firmware.toolchain import run
from tests.signals import demo_words
from tests.wakeword.models import random_model
from tests.wakeword.terminal import refusal, wakeword
from wakeword.boards.esp import offset_of
from wakeword.boards.flash import BOARDS, Found, flash
from wakeword.errors import WakewordError
from wakeword.model.export_c import model_id

MODEL = random_model(0)
C3, S3 = 5, 9


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A program that answers hello, beside what its microphone hears."""
    elf = build_link(MODEL, demo_words(), tmp_path_factory.mktemp("firmware"))
    run("arm-none-eabi-objcopy", "-O", "binary", elf, elf.with_suffix(".bin"))
    return elf.with_suffix(".bin")


@pytest.fixture
def firmware(application: Path, tmp_path: Path) -> Path:
    (tmp_path / "LinkI2S.ino.merged.bin").write_bytes(image(C3, application.read_bytes()))
    return tmp_path / "LinkI2S.ino.merged.bin"


def flash_c3(board: EspBoard, firmware: Path, wanted: int | None = None) -> int:
    return flash(Found(BOARDS["esp32c3"], board.port), firmware, wanted, lambda line: None)


@pytest.mark.slow
def test_an_esp32_c3_runs_what_was_written(firmware: Path, application: Path) -> None:
    with EspBoard(application.parent) as board:
        assert flash_c3(board, firmware, model_id(MODEL)) == model_id(MODEL)
    assert board.flash.startswith(firmware.read_bytes())


@pytest.mark.parametrize(("whole", "place"), [(True, 0), (False, APPLICATION)])
def test_a_file_without_bootloader_goes_to_the_application_s_place(whole: bool, place: int, tmp_path: Path) -> None:
    (tmp_path / "firmware.bin").write_bytes(image(C3, b"program", whole))
    assert offset_of(tmp_path / "firmware.bin", BOARDS["esp32c3"]) == place


@pytest.mark.slow
def test_a_corrupt_byte_is_found(firmware: Path, application: Path) -> None:
    with (
        EspBoard(application.parent, corrupt=APPLICATION + 100) as board,
        pytest.raises(WakewordError, match="the board's flash differs from the firmware; try again"),
    ):
        flash_c3(board, firmware)


def test_another_chip_is_not_written(firmware: Path, application: Path) -> None:
    with (
        EspBoard(application.parent, chip_id=S3) as board,
        pytest.raises(WakewordError, match="the board has another chip; name the board with --board"),
    ):
        flash_c3(board, firmware)
    assert set(board.flash) == {0xFF}


@pytest.mark.parametrize(
    ("written", "line"),
    [
        (image(S3, b"program"), "was built for esp32s3, not for esp32c3; name the board with --board"),
        (b"program" * 100, "is no image for an ESP32; export the compiled binary, and take the .merged.bin"),
    ],
)
def test_a_file_for_another_chip_or_none_is_one_line(written: bytes, line: str, tmp_path: Path) -> None:
    (tmp_path / "firmware.bin").write_bytes(written)
    done = wakeword("flash", "--board", "esp32c3", "--port", "/dev/nowhere", "--firmware", tmp_path / "firmware.bin")
    assert line in refusal(done)


def test_a_port_that_is_not_there_and_one_that_is_not_given_are_one_line(firmware: Path) -> None:
    done = wakeword("flash", "--board", "esp32c3", "--port", "/dev/nowhere", "--firmware", firmware)
    assert done.returncode == 2 and "the port can't be opened; check the cable" in done.stderr.splitlines()[-1]
    done = wakeword("flash", "--board", "esp32c3", "--firmware", firmware)
    assert "an esp32c3 does not tell what it is; give its port with --port" in refusal(done)
