"""Check the arguments of a call for many engines, before any of them is used."""

from __future__ import annotations

from collections.abc import Sequence

from featurizer.logmel import Samples
from featurizer.samples import as_samples
from wakeword.errors import UsageError


def check_bulk(engines: Sequence[object], blocks: Sequence[object]) -> list[Samples]:
    """Return the blocks, one for each engine, all of which differ.

    Raises:
        TypeError: A block is no int16 array of shape (n,); the message says how to convert it.
        UsageError: An engine is given twice, or there are more or fewer blocks than engines.
    """
    check_different(engines, blocks)
    return [as_samples(block) for block in blocks]


def check_different(engines: Sequence[object], blocks: Sequence[object]) -> None:
    """Raise UsageError if an engine is given twice, or there are more or fewer blocks than engines."""
    if len(engines) != len(blocks):
        raise UsageError(f"{len(engines)} engines take a block each, and there are {len(blocks)} blocks")
    if len(set(map(id, engines))) != len(engines):
        raise UsageError("an engine is given twice; give each stream an engine of its own")
