"""What a bench of mutated input has found."""

from __future__ import annotations

from wakeword.errors import WakewordError

MEGABYTE = 1 << 20
MOST_MEMORY = 200 * MEGABYTE  # that a reader or a receiver may take


class Fault(WakewordError):
    """Report an input that a reader crashes at, or answers with nonsense."""
