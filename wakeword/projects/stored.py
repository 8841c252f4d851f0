"""Read the JSON files of a project's folder, which anybody may have written: a copy can come from anywhere.

Python reads more than JSON allows: numbers that are not finite or have thousands of digits, and halves of characters,
which no answer can carry.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from wakeword.errors import DataError, printable

_MOST = 1 << 63


def stored_object(data: bytes | str) -> dict[str, Any]:
    """Return a JSON object. A number that is not finite, or an integer beyond 64 bits, is read as null.

    Raises ValueError for what is no object, is nested too deep, or holds half of a character.
    """
    try:
        found = json.loads(data, parse_float=_float, parse_int=_int, parse_constant=lambda name: None)
        json.dumps(found, ensure_ascii=False).encode()
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    if not isinstance(found, dict):
        raise ValueError("it is no object")
    return found


def check_name(path: Path) -> None:
    """Raise DataError for a file whose name JSON can't carry, since it is no UTF-8."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise DataError(f"the name of {printable(path)} is not in UTF-8; rename it") from None


def _float(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


def _int(text: str) -> int | None:
    number = int(text)  # raises ValueError for thousands of digits
    return number if -_MOST <= number < _MOST else None
