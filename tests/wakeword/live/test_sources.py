"""Blocks of a pipe and of a file in real time."""

from __future__ import annotations

import io

import numpy as np
import pytest

from wakeword.live.sources import paced, raw_source


class Trickle(io.RawIOBase):
    """A stream that gives these bytes piece by piece, whatever is asked for."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)

    def read(self, size: int = -1) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


def test_a_sample_may_come_in_two_pieces_and_half_a_sample_at_the_end_is_left_out() -> None:
    pcm = np.array([1, -2, 300, -32768], "<i2").tobytes()
    blocks = list(raw_source(Trickle(pcm[:1], pcm[1:2], pcm[2:5], pcm[5:8], b"\x7f")))
    assert [block.tolist() for block in blocks] == [[1], [-2], [300, -32768]]
    assert {block.dtype for block in blocks} == {np.dtype(np.int16)}


class Clock:
    """Time that passes only while somebody sleeps, or when it is told to."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_in_real_time_a_block_comes_when_its_last_sample_would_have_been_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("wakeword.live.sources.time", clock)
    came = []
    for _ in paced([np.zeros(samples, np.int16) for samples in (800, 1600, 400, 160)]):
        came.append(clock.now - 1000)
        clock.now += 0.02  # that its listener takes: more than the last block lasts, which so is late
    assert came == pytest.approx([0.05, 0.15, 0.175, 0.195])
