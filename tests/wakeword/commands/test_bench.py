"""`wakeword bench`: wrong use is one line, as it is for every command."""

from __future__ import annotations

import pytest

from tests.wakeword.terminal import refusal, wakeword


def test_without_a_name_it_is_one_line_that_leads_to_the_help() -> None:
    assert refusal(wakeword("bench")) == "wakeword: Missing command; see wakeword bench --help"


@pytest.mark.parametrize("name", ["accuracy", "wakewords"])
def test_a_bench_without_its_arguments_is_one_line_that_leads_to_its_own_help(name: str) -> None:
    line = refusal(wakeword("bench", name))
    assert "the following arguments are required" in line
    assert line.endswith(f"; see wakeword bench {name} --help")


@pytest.mark.parametrize("name", ["accuracy", "firmware", "service", "wakewords"])
def test_the_help_of_a_bench_is_its_own(name: str) -> None:
    helped = wakeword("bench", name, "--help")
    assert (helped.returncode, helped.stderr) == (0, "")
    assert helped.stdout.startswith(f"usage: wakeword bench {name} ")
