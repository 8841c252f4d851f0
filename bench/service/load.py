"""Many streams in real time: their events and latencies."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice

import numpy as np

from bench.service.connection import BLOCK, Connection, Stream, connect, frames
from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.inference.engine import open_engine
from wakeword.model.file import Model

_CONNECTIONS = 40  # per second; the service allows 50 from one address
_VARIANTS = 10  # places in the recording at which streams begin
_TICK = 0.004  # seconds between two checks for blocks that are due
_LAST = 60.0  # seconds to wait for the last events


@dataclass(frozen=True)
class Load:
    """The results of all streams."""

    streams: list[Stream]
    expected: list[list[tuple[str, int]]]  # events of each stream, by the engine alone
    samples_sent: int

    @property
    def lost_samples(self) -> int:
        """Count the sent samples that were not processed."""
        return sum(self.samples_sent - stream.samples_processed for stream in self.streams)

    @property
    def wrong_streams(self) -> int:
        """Count the streams whose events differ from the engine's."""
        found = [[(word, frame) for word, frame, _ in stream.events] for stream in self.streams]
        return sum(one != other for one, other in zip(found, self.expected, strict=True))

    def latencies(self) -> list[float]:
        """Return the latencies of all events, in seconds."""
        return [latency for stream in self.streams for latency in stream.latencies()]

    def arrivals(self) -> list[tuple[float, float]]:
        """Return when each event arrived, on the monotonic clock, and its latency, in seconds."""
        return [
            (arrived, latency)
            for stream in self.streams
            for (_, _, arrived), latency in zip(stream.events, stream.latencies(), strict=True)
        ]

    def lateness(self) -> float:
        """Return the largest delay in sending a block, in seconds: whether the client kept up with real time."""
        late = (np.diff(stream.sent_at).max(initial=0.0) - BLOCK / SAMPLE_RATE for stream in self.streams)
        return max(late)


async def put_under_load(
    url: str, recording: Samples, model: Model, streams: int, seconds: int, enough: asyncio.Event | None = None
) -> Load:
    """Stream a recording in a loop, from different places in it, through many connections at once.

    enough: ends the streams before their time.
    """
    recording = recording[: len(recording) // BLOCK * BLOCK]
    variants = min(_VARIANTS, streams)
    results = [Stream() for _ in range(streams)]
    connections = []
    for stream in results:
        connections.append(await connect(url, "bench", stream))
        await asyncio.sleep(1 / _CONNECTIONS)
    most = seconds * SAMPLE_RATE // BLOCK
    blocks = [frames(_from(recording, variant)) for variant in range(variants)]
    count = await _send(connections, blocks, most, enough or asyncio.Event())
    # A stream that was closed too early, or is never told its end, has processed no sample as far as anyone knows.
    await asyncio.wait([connection.ended for connection in connections], timeout=_LAST)
    expected = [_events(model, _from(recording, variant), count) for variant in range(variants)]
    return Load(results, [expected[number % variants] for number in range(streams)], count * BLOCK)


async def _send(connections: list[Connection], variants: list[list[bytes]], most: int, enough: asyncio.Event) -> int:
    """Send blocks of each stream in real time, the streams in turns within a block's length. Return how many of each.

    They are `most`, or fewer if it is enough before.
    """
    spacing = BLOCK / SAMPLE_RATE / len(connections)
    start, sent = time.monotonic(), 0  # blocks of all streams
    while sent < most * len(connections):
        if enough.is_set():
            most = min(most, -(-sent // len(connections)))  # all end after the same block
        due = min(int((time.monotonic() - start) / spacing), most * len(connections))
        for turn in range(sent, due):
            block, number = divmod(turn, len(connections))
            variant = variants[number % len(variants)]
            connections[number].send(variant[block % len(variant)])
        sent = due
        await asyncio.sleep(_TICK)
    for connection in connections:
        connection.end()
    return most


def _from(recording: Samples, variant: int) -> Samples:
    """Rotate a recording to begin at one of its blocks."""
    blocks = len(recording) // BLOCK
    return np.roll(recording, -(variant * blocks // _VARIANTS) * BLOCK)


def _events(model: Model, recording: Samples, blocks: int) -> list[tuple[str, int]]:
    """Return the events of so many blocks of a recording in a loop."""
    engine = open_engine(model)
    traces = (engine.push(block) for block in _looped(recording, blocks))
    return [(model.labels[event.label], event.frame) for trace in traces for event in trace.events]


def _looped(recording: Samples, blocks: int) -> Iterator[Samples]:
    return islice(cycle(recording.reshape(-1, BLOCK)), blocks)
