"""Boards that the studio's page writes by Web Serial: what somebody chooses, presses and reads. At the ports are
modelled boards with their bootloaders; test_studio_esp.py and test_studio_samba.py have what the modules do with
them in each case."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.firmware.chips import Samd21
from tests.firmware.esp_board import DATA, EspBoard, image
from tests.firmware.samba import SamBaBoard
from tests.service.live import Live
from tests.service.serial_page import board_at
from tests.service.studio_pages import RUN, all_made_up, made_up, opened, step, until
from tests.service.test_studio_samba import IN_BOOTLOADER, RUNNING, samd_program

C3, S3 = 5, 9
CONVERTER, OWN_USB = (0x10C4, 0xEA60), (0x303A, 0x1001)
PROGRAM = random.Random(0).randbytes(5000)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page to which the service tells of a training that is done."""
    with opened(browser) as page:
        all_made_up(page)
        yield page


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "hey_lumen.ino.merged.bin").write_bytes(image(C3, PROGRAM))
    return tmp_path / "hey_lumen.ino.merged.bin"


def choose(page: Page, live: Live, board: str, program: Path) -> None:
    step(page, live.url, "along")
    page.get_by_role("combobox", name="Board").select_option(board)
    page.get_by_label("A compiled program").set_input_files(program)


def test_an_esp32_holds_the_program_that_was_chosen(page: Page, live: Live, program: Path, tmp_path: Path) -> None:
    with EspBoard(tmp_path) as chip, board_at(page, chip.port, CONVERTER):
        step(page, live.url, "along")
        page.get_by_role("combobox", name="Board").select_option("ESP32-C3")
        expect(page.locator("#write-how")).to_contain_text("no arduino-cli to compile the program, so choose it")
        expect(page.get_by_role("button", name="Write it to the board")).to_be_disabled()
        page.get_by_label("A compiled program").set_input_files(program)
        expect(page.locator("#program")).to_have_text("Program: hey_lumen.ino.merged.bin")
        page.get_by_role("button", name="Write it to the board").click()
        expect(page.locator("#written")).to_have_text(
            "The program is written, and the board holds every byte of it. It restarts now."
        )
        expect(page.get_by_role("button", name="Stop")).to_be_hidden()
        assert page.evaluate("navigator.serial.filters") == [[]]
    assert chip.flash.startswith(program.read_bytes())


def test_the_service_compiles_the_program_for_the_port_that_is_chosen(
    page: Page, live: Live, program: Path, tmp_path: Path
) -> None:
    asked: list[str] = []
    made_up(page, "compiler", {"ready": True, "problem": None})

    def compiled(route: Route) -> None:
        asked.append(f"{route.request.method} {route.request.url.rpartition('/')[2]}")
        route.fulfill(body=program.read_bytes())

    page.route("**/program?*", compiled)
    with EspBoard(tmp_path, own_usb=True) as chip, board_at(page, chip.port, OWN_USB):
        step(page, live.url, "along")
        page.get_by_role("combobox", name="Board").select_option("ESP32-C3")
        expect(page.locator("#write-how")).to_contain_text(
            "This service compiles the program, the same that the command"
        )
        page.get_by_role("button", name="Write it to the board").click()
        expect(page.locator("#written")).to_contain_text("the board holds every byte of it")
    assert asked == ["POST program?board=esp32c3&own_usb=true"]
    assert chip.flash.startswith(program.read_bytes())


def test_a_program_that_is_not_compiled_is_one_line_and_stop_ends_the_wait(page: Page, live: Live) -> None:
    made_up(page, "compiler", {"ready": True, "problem": None})
    problem = {"detail": "arduino-cli lacks the core of this board: run arduino-cli core install esp32:esp32"}
    made_up(page, r"projects/hey_lumen/runs/1/program\?.*", problem, 422, method="POST")
    with board_at(page, "/dev/nowhere", CONVERTER, CONVERTER):
        step(page, live.url, "along")
        page.get_by_role("combobox", name="Board").select_option("ESP32-C3")
        page.get_by_role("button", name="Write it to the board").click()
        expect(page.locator("#notice")).to_have_text(problem["detail"])
        page.route("**/program?*", lambda route: None)  # it takes its time
        page.get_by_role("button", name="Write it to the board").click()
        expect(page.locator("#written")).to_contain_text("Compiling the program")
        page.get_by_role("button", name="Stop").click()
        expect(page.locator("#notice")).to_contain_text("It was stopped.")


def test_a_training_that_is_chosen_meanwhile_is_the_next_that_is_written(
    page: Page, live: Live, program: Path, tmp_path: Path
) -> None:
    made_up(page, "projects/hey_lumen/runs", [RUN, {**RUN, "number": 2}])
    made_up(page, "compiler", {"ready": True, "problem": None})
    with EspBoard(tmp_path, mute=DATA) as chip, board_at(page, chip.port, CONVERTER, CONVERTER):
        choose(page, live, "ESP32-C3", program)
        page.get_by_role("button", name="Write it to the board").click()
        expect(page.locator("#written")).to_have_text("Writing.")
        page.locator("#along").get_by_role("combobox", name="Of").select_option("training 1")
        page.get_by_role("button", name="Stop").click()
        expect(page.locator("#program")).to_be_empty()
        with page.expect_request("**/runs/1/program?*"):
            page.get_by_role("button", name="Write it to the board").click()


def test_a_board_that_fails_is_one_line_and_may_be_written_again(
    page: Page, live: Live, program: Path, tmp_path: Path
) -> None:
    with EspBoard(tmp_path, refused=DATA) as chip, board_at(page, chip.port, CONVERTER):
        choose(page, live, "ESP32-C3", program)
        page.get_by_role("button", name="Write it to the board").click()
        expect(page.locator("#notice")).to_contain_text("the board's loader refuses (error 6): write it again")
        expect(page.locator("#written")).to_be_empty()
        page.get_by_role("button", name="Write it to the board").click()
        expect(page.locator("#notice")).to_contain_text("No board was chosen. If it isn't listed, plug it in")
        expect(page.get_by_role("button", name="Write it to the board")).to_be_enabled()


def test_stop_ends_it_and_says_that_the_board_has_a_part(page: Page, live: Live, program: Path, tmp_path: Path) -> None:
    with EspBoard(tmp_path, mute=DATA) as chip, board_at(page, chip.port, CONVERTER):
        choose(page, live, "ESP32-C3", program)
        page.get_by_role("button", name="Write it to the board").click()
        expect(page.locator("#written")).to_have_text("Writing.")
        expect(page.get_by_role("combobox", name="Board")).to_be_disabled()
        page.get_by_role("button", name="Stop").click()
        expect(page.locator("#notice")).to_contain_text("It was stopped. The board may hold a part of the program")
        expect(page.locator("#written")).to_be_empty()


def test_a_file_for_another_board_is_refused_before_any_port_is_asked_for(
    page: Page, live: Live, program: Path, tmp_path: Path
) -> None:
    program.write_bytes(image(S3, PROGRAM))
    with board_at(page, "/dev/nowhere", CONVERTER):
        choose(page, live, "ESP32-C3", program)
        expect(page.locator("#notice")).to_contain_text("the program was built for ESP32-S3, not for ESP32-C3")
        expect(page.get_by_role("button", name="Write it to the board")).to_be_disabled()
        assert page.evaluate("navigator.serial.filters") == []


def test_a_board_that_no_page_can_write_leaves_the_command(page: Page, live: Live) -> None:
    with board_at(page, "/dev/nowhere"):
        step(page, live.url, "along")
        page.get_by_role("combobox", name="Board").select_option("Raspberry Pi Pico")
        expect(page.locator("#write-how")).to_contain_text("A page can't write a Raspberry Pi Pico")
        expect(page.get_by_role("button", name="Write it to the board")).to_be_hidden()
        expect(page.locator("#flash")).to_have_text('wakeword flash --board pico --model "hey_lumen.safetensors"')


@pytest.mark.parametrize(
    ("script", "line"),
    [
        ("delete Navigator.prototype.serial", "This browser has no Web Serial; Chrome, Edge and Chromium"),
        (
            "Object.defineProperty(window, 'isSecureContext', { value: false })",
            "only to pages at https: or on localhost",
        ),
        ("document.featurePolicy.allowsFeature = () => false", "in a frame that may not use serial ports"),
    ],
    ids=["another browser", "not secure", "a frame"],
)
def test_a_browser_without_serial_ports_leaves_the_command_and_says_why(
    page: Page, live: Live, script: str, line: str
) -> None:
    page.add_init_script(script)
    step(page, live.url, "along")
    expect(page.locator("#write-how")).to_contain_text(line)
    expect(page.get_by_role("button", name="Write it to the board")).to_be_hidden()
    expect(page.locator("#flash")).to_be_visible()


def test_only_the_studio_s_page_may_use_serial_ports(page: Page, live: Live) -> None:
    step(page, live.url, "along")
    assert page.evaluate("document.featurePolicy.allowsFeature('serial')")
    page.goto(live.url)
    assert not page.evaluate("document.featurePolicy.allowsFeature('serial')")


def test_an_mkr1000_is_chosen_once_more_in_its_bootloader(page: Page, live: Live, tmp_path: Path) -> None:
    (tmp_path / "hey_lumen.ino.bin").write_bytes(samd_program())
    chip = Samd21()
    with SamBaBoard(chip, tmp_path) as board, board_at(page, board.port, RUNNING, IN_BOOTLOADER):
        choose(page, live, "MKR1000", tmp_path / "hey_lumen.ino.bin")
        page.get_by_role("button", name="Write it to the board").click()
        expect(page.locator("#written")).to_contain_text("press the board's reset button twice")
        expect(page.get_by_role("button", name="Choose it once more")).to_be_focused()
        until(page, lambda: chip.was_touched)
        page.keyboard.press("Enter")
        expect(page.locator("#written")).to_contain_text("the board holds every byte of it. It restarts now.")
        expect(page.get_by_role("button", name="Choose it once more")).to_be_hidden()
        last = page.evaluate("navigator.serial.filters.at(-1)")
    assert (0x2341, 0x004E) in [(one["usbVendorId"], one["usbProductId"]) for one in last]
    assert chip.image.startswith(samd_program())


def test_a_board_in_its_bootloader_is_written_at_once(page: Page, live: Live, tmp_path: Path) -> None:
    (tmp_path / "hey_lumen.ino.bin").write_bytes(samd_program())
    chip = Samd21()
    with SamBaBoard(chip, tmp_path, in_bootloader=True) as board, board_at(page, board.port, IN_BOOTLOADER):
        choose(page, live, "MKR1000", tmp_path / "hey_lumen.ino.bin")
        page.get_by_role("button", name="Write it to the board").click()
        expect(page.locator("#written")).to_contain_text("the board holds every byte of it")
    assert not chip.was_touched and chip.image.startswith(samd_program())


def test_stop_ends_the_wait_for_the_bootloader(page: Page, live: Live, tmp_path: Path) -> None:
    (tmp_path / "hey_lumen.ino.bin").write_bytes(samd_program())
    with SamBaBoard(Samd21(), tmp_path) as board, board_at(page, board.port, RUNNING):
        choose(page, live, "MKR1000", tmp_path / "hey_lumen.ino.bin")
        page.get_by_role("button", name="Write it to the board").click()
        expect(page.get_by_role("button", name="Choose it once more")).to_be_visible()
        page.get_by_role("button", name="Stop").click()
        expect(page.locator("#notice")).to_contain_text("It was stopped.")
        expect(page.get_by_role("button", name="Choose it once more")).to_be_hidden()
