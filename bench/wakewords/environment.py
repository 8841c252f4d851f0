"""Install the other engines into an environment of their own."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

from wakeword.errors import WakewordError

# openWakeWord also requires TensorFlow Lite, which has no wheel for newer Pythons and which ONNX models don't need.
_ENGINES = ["openwakeword==0.5.1", "pymicro-wakeword==2.5.0"]
_THEIRS = ["numpy", "onnxruntime", "pymicro-features>=2,<3", "requests", "scikit-learn", "scipy", "tqdm"]


def interpreter(folder: Path) -> Path:
    """Return the environment's Python; make the environment at first use.

    Raises WakewordError if an engine can't be installed.
    """
    python = folder / "bin" / "python"
    complete = folder / ".complete"
    if not complete.exists():
        print(f"installing {' and '.join(_ENGINES)} into {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        pip: list[str | Path] = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        for arguments in (_THEIRS, ["--no-deps", *_ENGINES]):
            if subprocess.run([*pip, *arguments]).returncode:
                raise WakewordError(f"the engines can't be installed into {folder}: pip's own message stands above")
        complete.touch()
    return python
