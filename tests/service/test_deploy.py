"""What is shipped for running it for months: the unit and the container say what `wakeword serve` takes."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
from pathlib import Path

from click.testing import CliRunner

from tests.signals import ROOT
from wakeword.cli import cli

DEPLOY = ROOT / "deploy"


def _options() -> set[str]:
    """The options of `wakeword serve`, as environment variables."""
    serve = cli.commands["serve"]
    return {f"WAKEWORD_SERVE_{(parameter.name or '').upper()}" for parameter in serve.params}


def test_the_container_sets_options_that_there_are_and_runs_as_nobody() -> None:
    lines = (DEPLOY / "Dockerfile").read_text()
    assert set(re.findall(r"WAKEWORD_SERVE_\w+", lines)) <= _options()
    assert re.search(r"^USER nobody$", lines, re.M)


def test_the_unit_gives_away_no_privilege() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(DEPLOY / "wakeword.service")
    service = unit["Service"]
    assert service["DynamicUser"] == service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict" and service["CapabilityBoundingSet"] == ""
    arguments = service["ExecStart"].split()[2:]
    assert CliRunner().invoke(cli, ["serve", *arguments, "--help"]).exit_code == 0


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    unit = (DEPLOY / "wakeword.service").read_text().replace("/opt/wakeword/bin/wakeword", "/bin/true")
    (tmp_path / "wakeword.service").write_text(unit)
    verified = subprocess.run(
        ["systemd-analyze", "verify", tmp_path / "wakeword.service"],
        env={**os.environ, "SYSTEMD_LOG_LEVEL": "warning"},
        capture_output=True,
        text=True,
    )
    assert "wakeword.service" not in verified.stderr
