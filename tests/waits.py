"""How long a test waits. A wait ends when what it waits for has come; its limit is only for what hangs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE = 300.0  # seconds; far more than anything takes on a busy machine
_PAUSE = 0.01  # seconds between two looks

Found = TypeVar("Found")


def until(condition: Callable[[], Found], patience: float = PATIENCE) -> Found:
    """Return the first true value of a condition.

    Raises:
        AssertionError: it isn't true within `patience` seconds.
    """
    end = time.monotonic() + patience
    while True:
        if found := condition():
            return found
        assert time.monotonic() < end, f"it is not so after {patience:.0f} seconds"
        time.sleep(_PAUSE)
