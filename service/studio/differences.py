"""Where a candidate and its rival differ: the events that only one of the two has raised."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from service.store.events import Event
from wakeword.model.labels import comparable

_WITHIN = 1.0  # seconds of the stream between two events of the same word
_SAME_STREAM = 5.0  # seconds of the clock between two such events; a later stream of the same name comes after more


@dataclass(frozen=True)
class Differences:
    """Events of both, compared."""

    both: int  # words that both have raised
    only: list[Event]  # events without a counterpart, in the order of their ids


def differences(events: Iterable[Event]) -> Differences:
    """Compare the events of a candidate with those of its rival. Of the same word, each has one counterpart at most."""
    candidates, rivals = (defaultdict[tuple[str, str], list[Event]](list) for _ in range(2))
    for event in sorted(events, key=lambda event: event.id):
        (candidates if event.of_candidate else rivals)[event.source, comparable(event.word)].append(event)
    both, only = 0, []
    for key in {*candidates, *rivals}:
        pairs, alone = _compared(candidates[key], rivals[key])
        both += pairs
        only += alone
    return Differences(both, sorted(only, key=lambda event: event.id))


def _compared(ones: Sequence[Event], others: Sequence[Event]) -> tuple[int, list[Event]]:
    """Return the number of pairs, and the events that are in none. Both are in the order of their stream."""
    pairs, alone, one, other = 0, [], 0, 0
    while one < len(ones) and other < len(others):
        first, second = ones[one], others[other]
        if abs(first.time - second.time) <= _WITHIN and abs(first.at - second.at) <= _SAME_STREAM:
            pairs, one, other = pairs + 1, one + 1, other + 1
        elif first.id < second.id:
            alone.append(first)
            one += 1
        else:
            alone.append(second)
            other += 1
    return pairs, [*alone, *ones[one:], *others[other:]]
