"""The systemd unit and the container: their options exist, and they run without privileges."""

from __future__ import annotations

import configparser
import re
import sys
from pathlib import Path

from click.testing import CliRunner
from packaging.requirements import Requirement

from tests.processes import run
from tests.service.test_serve_options import OPTIONS, variable
from tests.signals import ROOT
from wakeword.cli import cli

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DEPLOY = ROOT / "deploy"
EXTRAS = ("service", "postgres", "mic")  # in the container


def test_the_container_sets_existing_options_and_runs_as_nobody() -> None:
    lines = (DEPLOY / "Dockerfile").read_text()
    options = {variable(option) for name, option in OPTIONS if name == "serve"}
    assert set(re.findall(r"WAKEWORD_SERVE_\w+", lines)) <= options
    assert re.search(r"^USER nobody$", lines, re.M)
    assert len(set(re.findall(r"^FROM (\S+)", lines, re.M))) == 1  # one stage compiles for the other


def test_every_library_of_the_container_is_pinned_by_hash() -> None:
    pins = dict(
        re.findall(r"^([\w.-]+)==(\S+) \\\n    --hash=sha256:", (DEPLOY / "requirements.txt").read_text(), re.M)
    )
    package = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project, builders = package["project"], package["build-system"]["requires"]
    extras = [line for extra in EXTRAS for line in project["optional-dependencies"][extra]]
    for requirement in map(Requirement, [*project["dependencies"], *extras, *builders]):
        assert requirement.name in pins and requirement.specifier.contains(pins[requirement.name]), requirement
    assert "!deploy/requirements.txt" in (ROOT / ".dockerignore").read_text().splitlines()


def test_the_unit_runs_without_privileges() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read(DEPLOY / "wakeword.service")
    service = unit["Service"]
    assert service["DynamicUser"] == service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict" and service["CapabilityBoundingSet"] == ""
    arguments = service["ExecStart"].split()[2:]
    assert CliRunner().invoke(cli, ["serve", *arguments, "--help"]).exit_code == 0


def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    unit = (DEPLOY / "wakeword.service").read_text().replace("/opt/wakeword/bin/wakeword", "/bin/true")
    (tmp_path / "wakeword.service").write_text(unit)
    command = ["systemd-analyze", "verify", tmp_path / "wakeword.service"]
    verified = run(command, environment={"SYSTEMD_LOG_LEVEL": "warning"})
    assert "wakeword.service" not in verified.stderr
