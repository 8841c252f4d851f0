"""The tools that make the files of a release. One that fails ends the release with what it said."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def run(command: list[str | Path], environment: dict[str, str], folder: Path | None = None) -> str:
    """Run a command; return its standard output. Raises SystemExit if it fails or isn't there."""
    try:
        done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
    except FileNotFoundError:
        sys.exit(f"{command[0]} is missing: install the extra dev, which has it")
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout
