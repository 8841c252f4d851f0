"""Keyword spotting in a few kilobytes, with the same bits on the laptop and on the chip.

    import wakeword

    model = wakeword.load("google12")
    for detection in wakeword.detect("speech.flac", model):
        print(detection.word, detection.score, detection.time)

The names below are the public API (docs/api.md). Each is imported when it is first used, so that `import wakeword`
itself costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wakeword.api import Detection, Detector, Model, detect, listen, load, models
    from wakeword.errors import DataError, DeviceError, ModelError, UsageError, WakewordError

__all__ = [
    "DataError",
    "Detection",
    "Detector",
    "DeviceError",
    "Model",
    "ModelError",
    "UsageError",
    "WakewordError",
    "detect",
    "listen",
    "load",
    "models",
]

if not TYPE_CHECKING:  # a type checker would take `__getattr__` for leave to use any name

    def __getattr__(name: str) -> object:
        """Import a public name from its module (PEP 562)."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        home = import_module("wakeword.errors" if name.endswith("Error") else "wakeword.api")
        globals()[name] = value = getattr(home, name)
        return value

    def __dir__() -> list[str]:
        """List the public names beside those that are imported already."""
        return sorted({*globals(), *__all__})
