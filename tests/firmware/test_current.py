"""The current of a board that listens: its mean, and the page's table."""

from __future__ import annotations

import sys

import pytest

from bench.firmware.current import CHIPS, average, load_of, main, row, table
from tests.signals import ROOT


def test_the_mean_lies_between_running_and_sleeping_by_the_load() -> None:
    assert average(1, 20, 4) == 20
    assert average(0, 20, 4) == 4
    assert average(0.25, 20, 4, microphone=1.5) == 9.5


def test_a_load_is_that_of_the_record_and_instructions_take_a_cycle_each() -> None:
    loads = {chip.name: load_of(chip) for chip in CHIPS}
    assert loads["SAMD21, 48 MHz"] == pytest.approx(0.373)
    assert loads["ESP32-C3, 160 MHz"] == pytest.approx(9.01 / 160)
    assert loads["ESP32-C3, 80 MHz"] == pytest.approx(9.01 / 80)


def test_an_unknown_sleeping_current_gives_a_range_from_none_to_all_of_the_running_one() -> None:
    (unknown,) = [chip for chip in CHIPS if chip.sleeping is None]
    assert row(unknown)[-2:] == ["5.57", "3.46 to 5.57"]


def test_the_page_has_the_table_of_the_command() -> None:
    assert table() in (ROOT / "docs/power.md").read_text("utf-8"), "stale; python -m bench.firmware.current"


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["current", *arguments])
    main()


def test_figures_of_ones_own_are_computed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    run(monkeypatch, "--load", "13", "--running", "25", "--sleeping", "9", "--microphone", "2.2")
    assert capsys.readouterr().out == "13.28 mA\n"


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--load", "13"], "give --load, --running and --sleeping together"),
        (["--load", "130"], "130 is not between 0 and 100 %"),
        (["--load", "nan"], "nan is not between 0 and 100 %"),
        (["--running", "-1"], "-1 is no current in mA"),
        (["--running", "inf"], "inf is no current in mA"),
    ],
)
def test_what_is_no_load_or_current_is_refused_in_one_line(
    arguments: list[str], reason: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        run(monkeypatch, *arguments)
    error = capsys.readouterr().err
    assert reason in error and error.count("\n") == 1
