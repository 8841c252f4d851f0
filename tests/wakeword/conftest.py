"""The command line within the test."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.wakeword.terminal import Done, Run
from wakeword.cli import main


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the command without the start of another interpreter."""

    def run(*arguments: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["wakeword", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return Done(int(ended.value.code or 0), *capsys.readouterr())

    return run
