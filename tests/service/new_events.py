"""Made-up events for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from service.store.events import NewEvent

NOON = 1_700_000_000.0  # seconds since 1970

_YES = NewEvent(at=NOON, source="kitchen", word="yes", score=0.97, time=1.5, frame=148, model="google12")


def new_event(**changes: Any) -> NewEvent:
    """Return a yes in the kitchen, with some changes."""
    return replace(_YES, **changes)
