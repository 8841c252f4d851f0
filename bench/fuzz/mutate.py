"""Mutate bytes: flip bits, write numbers at the ends of their ranges, and cut, repeat, move and insert runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

_EDGES = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, (1 << 63) - 1, 1 << 63]
_LONGEST_RUN = 64  # bytes that one mutation cuts, repeats, moves or inserts

Mutation = Callable[[bytearray, np.random.Generator], None]


def mutated(data: bytes, rng: np.random.Generator, most: int = 4) -> bytes:
    """Return the bytes after 1 to `most` mutations. Each makes them at most 64 bytes longer; they may become empty."""
    result = bytearray(data)
    for _ in range(int(rng.integers(1, most + 1))):
        _MUTATIONS[int(rng.integers(len(_MUTATIONS)))](result, rng)
    return bytes(result)


def _flip(data: bytearray, rng: np.random.Generator) -> None:
    if data:
        data[_place(data, rng)] ^= 1 << int(rng.integers(8))


def _replace(data: bytearray, rng: np.random.Generator) -> None:
    if data:
        data[_place(data, rng)] = int(rng.integers(256))


def _edge(data: bytearray, rng: np.random.Generator) -> None:
    """Write a number at the end of some range, of 1 to 8 bytes, in either order of bytes."""
    width = 1 << int(rng.integers(4))
    number = _EDGES[int(rng.integers(len(_EDGES)))] & ((1 << 8 * width) - 1)
    at = _place(data, rng)
    data[at : at + width] = number.to_bytes(width, "little" if rng.integers(2) else "big")


def _cut(data: bytearray, rng: np.random.Generator) -> None:
    del data[_run(data, rng)]


def _end(data: bytearray, rng: np.random.Generator) -> None:
    del data[_place(data, rng) :]


def _repeat(data: bytearray, rng: np.random.Generator) -> None:
    run = _run(data, rng)
    data[run.start : run.start] = data[run]


def _move(data: bytearray, rng: np.random.Generator) -> None:
    run = _run(data, rng)
    moved = data[run]
    del data[run]
    at = _place(data, rng)
    data[at:at] = moved


def _insert(data: bytearray, rng: np.random.Generator) -> None:
    at = _place(data, rng)
    data[at:at] = rng.bytes(int(rng.integers(1, _LONGEST_RUN + 1)))


_MUTATIONS: Sequence[Mutation] = (_flip, _replace, _edge, _cut, _end, _repeat, _move, _insert)


def _place(data: bytearray, rng: np.random.Generator) -> int:
    return int(rng.integers(len(data) or 1))


def _run(data: bytearray, rng: np.random.Generator) -> slice:
    start = _place(data, rng)
    return slice(start, start + int(rng.integers(1, _LONGEST_RUN + 1)))
