"""Where the C sources are: the Arduino library of the checkout that the package lies in, else the copy in the package.

A checkout has the only copy, `firmware/`; setup.py copies it into what it builds.
"""

from __future__ import annotations

from pathlib import Path

from wakeword.errors import UsageError

_PACKAGE = Path(__file__).resolve().parent
_PLACES = (_PACKAGE.parent / "firmware", _PACKAGE / "assets/firmware")


def arduino_library() -> Path:
    """Return the folder of the Arduino library, with `src/` and `examples/`. Raises UsageError if it is missing."""
    for place in _PLACES:
        if (place / "library.properties").is_file():
            return place
    raise UsageError(f"{_PLACES[-1]} is missing, with the C sources of this package: install wakeword again")


def core() -> Path:
    """Return the folder of the C core's sources and headers. Raises UsageError if it is missing."""
    return arduino_library() / "src/core"
