"""Install other projects' packages into an environment of their own, so that the project's is left alone."""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

from wakeword.errors import WakewordError


def interpreter(folder: Path, packages: Sequence[str], without_dependencies: Sequence[str] = ()) -> Path:
    """Return the environment's Python; make the environment at first use.

    without_dependencies: packages that come alone, after the others.

    Raises WakewordError if a package can't be installed.
    """
    python = folder / "bin" / "python"
    complete = folder / ".complete"
    if not complete.exists():
        named = without_dependencies or packages
        print(f"installing {' and '.join(named)} into {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        for arguments in (packages, ["--no-deps", *without_dependencies]):
            if arguments[-1] != "--no-deps" and subprocess.run([*pip, *arguments]).returncode:
                raise WakewordError(f"{named[0]} can't be installed into {folder}: pip's own message stands above")
        complete.touch()
    return python
