"""What commands share: bars end at their total, and numbers and paths are refused that mean nothing."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator

import click
import pytest

from wakeword.cli import cli
from wakeword.commands.shared import Number, progress_bar, say, show


@pytest.mark.parametrize("steps", [3, 5])
def test_a_bar_ends_at_its_total_however_often_the_work_is_redone(
    steps: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with progress_bar("hey lumen", 3) as advance:
        for _ in range(steps):
            advance()
    told = capsys.readouterr()
    assert told.out == ""
    assert "3/3" in told.err and "4/3" not in told.err and "5/3" not in told.err


def test_a_bar_stays_beside_a_long_phrase(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar("turn on the lights in the living room and in the kitchen " * 3, 3) as advance:
        for _ in range(3):
            advance()
    assert "3/3" in capsys.readouterr().err


class Terminal(io.StringIO):
    """A terminal that keeps what is printed."""

    def isatty(self) -> bool:
        return True


def test_numbers_stay_behind_words_from_right_to_left_on_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for output, mark in ((Terminal, "\u200e"), (io.StringIO, "")):
        monkeypatch.setattr(sys, "stdout", out := output())
        monkeypatch.setattr(sys, "stderr", err := output())
        show("clips/مصباح: 20 clips")
        say("'مصباح' is said twice")
        assert out.getvalue() == f"clips/مصباح{mark}: 20 clips\n"
        assert err.getvalue() == f"wakeword: 'مصباح{mark}' is said twice\n"


def _options(command: click.Command, path: str = "wakeword") -> Iterator[tuple[str, click.Parameter]]:
    for parameter in command.params:
        yield f"{path} {parameter.opts[0]}", parameter
    for name, inner in getattr(command, "commands", {}).items():
        yield from _options(inner, f"{path} {name}")


NUMBERS = {name: option for name, option in _options(cli) if isinstance(option.type, click.types.FloatParamType)}
PATHS = {name: option for name, option in _options(cli) if isinstance(option.type, click.Path)}


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e300"])
def test_an_option_takes_only_numbers_that_mean_something(name: str, value: str) -> None:
    assert isinstance(NUMBERS[name].type, Number)
    with pytest.raises(click.BadParameter, match=r"is no number|is not in the range"):
        NUMBERS[name].type_cast_value(click.Context(cli), value)


def test_a_number_may_be_an_end_of_its_range_unless_that_is_open() -> None:
    assert [Number(0, 1).convert(value, None, None) for value in ("0", "0.5", "1")] == [0, 0.5, 1]
    with pytest.raises(click.BadParameter, match="0<x<=1"):
        Number(0, 1, open_low=True).convert("0", None, None)


@pytest.mark.parametrize("name", PATHS)
def test_an_empty_path_is_not_the_current_folder(name: str) -> None:
    option = PATHS[name]
    with pytest.raises(click.BadParameter, match=r"the path is empty; give one, or . for the current folder"):
        option.type_cast_value(click.Context(cli), [""] if option.multiple or option.nargs != 1 else "")
