"""A digital microphone has one wiring at a board, whichever page is read and whichever program is written to it."""

from __future__ import annotations

import io
import re
import zipfile
from itertools import pairwise

import pytest

from service.studio.bundles import bundle
from tests.signals import ROOT
from wakeword.model.pretrained import shipped_models

Pins = tuple[str, ...]  # of bit clock, word select and data
NAMES = ("SCK", "WS", "SD")


def text(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def table(page: str, columns: int) -> dict[str, Pins]:
    """The rows of a page's tables that have so many columns, by their first cell."""
    lines = (line.strip("|").split("|") for line in text(page).splitlines() if line.startswith("|"))
    return {cells[0].strip(): tuple(map(str.strip, cells[1:])) for cells in lines if len(cells) == columns}


def of_esphome(configuration: str) -> Pins:
    pins = dict(re.findall(r"i2s_(\w+)_pin: (\w+)", configuration))
    return tuple(pins[name] for name in ("bclk", "lrclk", "din"))


def named(prose: str, pattern: str) -> Pins:
    """The pins that a text names, by a pattern with NAME for the microphone's pin."""
    return tuple(re.findall(pattern.replace("NAME", name), prose)[0] for name in NAMES)


def of_the_library(condition: str) -> Pins:
    """The pins that `I2SMicrophone.begin()` has behind a condition of the preprocessor."""
    defines = "".join(rf"#define WW_I2S_{name} (\d+)\n" for name in NAMES)
    (pins,) = re.findall(rf"^#{condition}\n{defines}", text("firmware/src/I2SMicrophone.h"), re.M)
    return tuple(pins)


def studio() -> str:
    """The configuration of ESPHome in what the studio gives to take along."""
    files = bundle(shipped_models()["computer"], "computer", "esphome").data
    with zipfile.ZipFile(io.BytesIO(files)) as archive:
        return archive.read("computer.yaml").decode()


@pytest.mark.parametrize(
    ("begins", "condition", "prefix"),
    [
        ("Pico", r"elif defined\(WW_ARDUINO_PICO\)", "GP"),
        ("ESP32-S3", "else", "GPIO"),
        ("ESP32", r"elif defined\(CONFIG_IDF_TARGET_ESP32\)", "GPIO"),
    ],
)
def test_the_library_s_page_has_the_pins_of_the_library(begins: str, condition: str, prefix: str) -> None:
    rows = table("firmware/README.md", columns=4)
    (row,) = [row for board, row in rows.items() if re.split(", | ", board)[0] == begins and row[0].startswith(prefix)]
    assert row == tuple(prefix + pin for pin in of_the_library(condition))


def test_the_picture_has_the_pins_of_the_library_s_page() -> None:
    labels = re.findall(r">([^<>]+)<", text("firmware/extras/wiring.svg"))
    drawn = dict(pairwise(labels))
    assert table("firmware/README.md", columns=4)["MKR1000"] == tuple(
        drawn[label] for label in ("BCLK or SCK", "LRCL or WS", "DOUT or SD")
    )


def test_an_esp32_s3_has_the_same_wiring_in_arduino_in_esp_idf_and_in_esphome() -> None:
    wiring = tuple("GPIO" + pin for pin in of_the_library("else"))
    assert named(text("integrations/espidf/README.md"), r"NAME at\s(GPIO\d+)") == wiring
    main = named(text("integrations/espidf/words/main/main.cpp"), r"\bNAME = (GPIO_NUM_\d+)")
    assert tuple(pin.replace("_NUM_", "") for pin in main) == wiring
    page = table("integrations/esphome/README.md", columns=2)
    assert tuple(page[name][0] for name in NAMES) == of_esphome(text("integrations/esphome/README.md")) == wiring
    assert named(studio(), r"NAME (GPIO\d+)") == of_esphome(studio()) == wiring
