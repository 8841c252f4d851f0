"""Sources: raw PCM in any pieces, and blocks in real time."""

from __future__ import annotations

import io

import numpy as np
import pytest

from wakeword.live.sources import paced, raw_source


class Trickle(io.RawIOBase):
    """A stream that returns its bytes in given pieces, whatever size is asked for."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)

    def read(self, size: int = -1) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


def test_a_sample_may_arrive_in_two_pieces_and_half_a_sample_at_the_end_is_dropped() -> None:
    pcm = np.array([1, -2, 300, -32768], "<i2").tobytes()
    blocks = list(raw_source(Trickle(pcm[:1], pcm[1:2], pcm[2:5], pcm[5:8], b"\x7f")))
    assert [block.tolist() for block in blocks] == [[1], [-2], [300, -32768]]
    assert {block.dtype for block in blocks} == {np.dtype(np.int16)}


class Clock:
    """A clock that advances only by sleeping, or when it is set."""

    now = 1000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_in_real_time_a_block_comes_at_the_time_of_its_last_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("wakeword.live.sources.time", clock)
    came = []
    for _ in paced([np.zeros(samples, np.int16) for samples in (800, 1600, 400, 160)]):
        came.append(clock.now - 1000)
        clock.now += 0.02  # for processing: longer than the last block, which is late for it
    assert came == pytest.approx([0.05, 0.15, 0.175, 0.195])
