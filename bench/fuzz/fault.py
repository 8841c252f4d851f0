"""What a bench of mutated input has found."""

from __future__ import annotations

from wakeword.errors import WakewordError


class Fault(WakewordError):
    """Report an input that a reader crashes at, or answers with nonsense."""
