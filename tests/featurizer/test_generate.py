"""The committed tables for C are those of tables.py."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from featurizer import generate
from tests.processes import run
from tests.signals import ROOT


def test_the_committed_tables_are_not_stale() -> None:
    check = run([sys.executable, "-m", "featurizer.generate", "--check"], cwd=ROOT)
    assert (check.stdout, check.stderr, check.returncode) == ("", "", 0)


@pytest.fixture
def changed_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy the tables and change one number."""
    (tmp_path / "ww_tables.h").write_text(generate.header())
    changed = tmp_path / "ww_tables.c"
    changed.write_text(generate.source().replace("32767", "32766", 1))
    monkeypatch.setattr(generate, "CORE", tmp_path)
    return changed


def test_one_changed_number_is_found(
    changed_table: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["generate", "--check"])
    before = changed_table.read_text()
    assert generate.main() == 1
    assert capsys.readouterr().out == "ww_tables.c is stale\n"
    assert changed_table.read_text() == before


def test_a_stale_table_is_rewritten(changed_table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["generate"])
    assert generate.main() == 0
    assert changed_table.read_text() == generate.source()
