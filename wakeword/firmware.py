"""Where the C sources are: in the checkout that the package lies in, else in the package.

A checkout has the only copies, in `firmware/` and `integrations/esphome/`; setup.py copies them into what it builds.
"""

from __future__ import annotations

from pathlib import Path

from wakeword.errors import UsageError

_PACKAGE = Path(__file__).resolve().parent
_PLACES = (_PACKAGE.parent / "firmware", _PACKAGE / "assets/firmware")
_ESPHOME = (_PACKAGE.parent / "integrations/esphome/components", _PACKAGE / "assets/esphome/components")


def arduino_library() -> Path:
    """Return the folder of the Arduino library, with `src/` and `examples/`. Raises UsageError if it is missing."""
    for place in _PLACES:
        if (place / "library.properties").is_file():
            return place
    raise UsageError(f"{_PLACES[-1]} is missing, with the C sources of this package: install wakeword again")


def core() -> Path:
    """Return the folder of the C core's sources and headers. Raises UsageError if it is missing."""
    return arduino_library() / "src/core"


def esphome_components() -> Path:
    """Return the folder of ESPHome's component, for `external_components`. Raises UsageError if it is missing."""
    for place in _ESPHOME:
        if (place / "wakeword/__init__.py").is_file():
            return place
    raise UsageError(f"{_ESPHOME[-1]} is missing from this package: install wakeword again")
