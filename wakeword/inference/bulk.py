"""Check the arguments of a push into many engines."""

from __future__ import annotations

from collections.abc import Sequence

from wakeword.errors import UsageError


def check_bulk(engines: Sequence[object], blocks: Sequence[object]) -> None:
    """Check that there is a block for each engine, and that all engines differ.

    Raises:
        UsageError: An engine is given twice, or there are more or fewer blocks than engines.
    """
    if len(engines) != len(blocks):
        raise UsageError(f"{len(engines)} engines take a block each, and there are {len(blocks)} blocks")
    if len(set(map(id, engines))) != len(engines):
        raise UsageError("an engine is given twice; give each stream an engine of its own")
