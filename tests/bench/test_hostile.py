"""The bench that attacks the service: it measures each attack, and its figures are a table of the results."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.results.records import read_table
from bench.service.hostile import ALL, LATENCY, NOTHING, Row, attacks, run_hostile, write_records
from tests.signals import demo
from wakeword.errors import UsageError
from wakeword.model.pretrained import load_model


@pytest.mark.slow
def test_each_attack_has_its_figures_and_nothing_is_lost() -> None:
    names = ["rebound_names", "what_if", "wyoming_describe"]
    rows = run_hostile(demo(), load_model(), names, each=1, streams=5)
    assert [row.attack for row in rows] == [NOTHING, *names, ALL]
    assert (rows[-1].figures["samples lost"], rows[-1].figures["events lost"]) == (0, 0)
    assert all(row.failure == "" and row.figures[LATENCY] > 0 for row in rows)


def test_an_attack_that_there_is_not_is_refused() -> None:
    assert len(attacks([])) > 30
    with pytest.raises(UsageError, match="there is no attack 'milk'"):
        attacks(["milk"])


def test_figures_are_written_as_a_table_of_the_results(tmp_path: Path) -> None:
    rows = [Row("half_heads", {LATENCY: 12.3}, 0.5), Row(ALL, {"samples lost": 0, LATENCY: 600}, 0.5)]
    write_records(tmp_path / "hostile.json", rows, each=6)
    records = read_table(tmp_path / "hostile.json").records
    assert [(it.row, it.column, it.values) for it in records] == [
        ("half heads", LATENCY, (12,)),
        (ALL, "samples lost", (0,)),
        (ALL, LATENCY, (600,)),
    ]
    assert [it.goal is not None and it.goal.met(it.mean) for it in records] == [False, True, False]
