"""Install the other engines into an environment of their own."""

from __future__ import annotations

from pathlib import Path

from bench.environments import interpreter as shared_interpreter

# openWakeWord also requires TensorFlow Lite, which has no wheel for newer Pythons and which ONNX models don't need.
_ENGINES = ["openwakeword==0.5.1", "pymicro-wakeword==2.5.0"]
_THEIRS = ["numpy", "onnxruntime", "pymicro-features>=2,<3", "requests", "scikit-learn", "scipy", "tqdm"]


def interpreter(folder: Path) -> Path:
    """Return the environment's Python; make the environment at first use.

    Raises WakewordError if an engine can't be installed.
    """
    return shared_interpreter(folder, _THEIRS, _ENGINES)
