"""The real ESPHome, in an environment of its own: `make test` makes it (Makefile)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.processes import run
from tests.signals import ROOT

HERE = Path(__file__).parent
COMPONENTS = ROOT / "integrations/esphome/components"
PYTHON = ROOT / ".venv/esphome/bin/python"
_UNITS = ("main.cpp", "alloc_helpers.cpp")  # these define again what others define


def answers(jobs: list[dict[str, Any]], home: Path) -> list[list[str]]:
    """Validate, or generate, each configuration in one process, and return the messages of its errors.

    jobs: as driver.py has them. home: where their paths begin, and ESPHome puts what it makes.
    """
    assert PYTHON.exists(), f"{PYTHON} is not there; make test makes it"
    given = json.dumps(jobs).encode()
    done = run([PYTHON, "-I", HERE / "driver.py"], given=given, cwd=home, environment={"HOME": str(home)})
    assert done.returncode == 0, done.stderr
    errors: list[list[str]] = json.loads(done.stdout.splitlines()[-1])
    return errors


def compiled(build: Path, program: Path) -> None:
    """Build the C++ of a configuration for `host`, as its platformio.ini says, but without an optimizer.

    ESPHome's sources make up two units. To compile each by itself takes ten times as long.
    """
    sources = build / "src"
    flags = [line.strip() for line in (build / "platformio.ini").read_text().splitlines() if line.startswith("    -")]
    compiler = ["gcc", *flags, "-O0", f"-I{sources}"]
    files = sorted(sources.rglob("*.cpp"))
    for number in range(2):
        unit = [file for file in files if (file.name in _UNITS) == bool(number)]
        included = [f'#define TAG TAG_{place}\n#include "{source}"\n#undef TAG\n' for place, source in enumerate(unit)]
        (build / f"unit{number}.cpp").write_text("".join(included))
    core = sorted(sources.glob("wakeword/*.c"))
    command = [*compiler, "-w", *sorted(build.glob("unit*.cpp")), *core, "-o", program, "-lstdc++", "-lm", "-pthread"]
    done = run(command)
    assert done.returncode == 0, done.stderr
    # The component by itself, whose every warning counts.
    strict = [*compiler[:-1], f"-isystem{sources}", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-fsyntax-only"]
    done = run([*strict, sources / "esphome/components/wakeword/wakeword.cpp"])
    assert done.returncode == 0, done.stderr
