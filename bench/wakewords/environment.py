"""An environment with the other engines, apart from the project's own."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

# openWakeWord asks for a runtime of TensorFlow Lite too, which newer Pythons have no wheel of and ONNX models no need.
_ENGINES = ["openwakeword==0.5.1", "pymicro-wakeword==2.5.0"]
_THEIRS = ["numpy", "onnxruntime", "pymicro-features>=2,<3", "requests", "scikit-learn", "scipy", "tqdm"]


def interpreter(folder: Path) -> Path:
    """The environment's Python; made at first use, by pip, and kept."""
    python = folder / "bin" / "python"
    complete = folder / ".complete"
    if not complete.exists():
        print(f"installing {' and '.join(_ENGINES)} into {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *_THEIRS], check=True)
        subprocess.run([*pip, "--no-deps", *_ENGINES], check=True)
        complete.touch()
    return python
