"""Many streams in real time: what comes back, and when."""

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

_CONNECTIONS = 40  # a second: the service takes 50 of one address
_VARIANTS = 10  # places in the recording at which streams begin
_TICK = 0.004  # seconds between two looks at which blocks are due


@dataclass(frozen=True)
class Load:
    """All streams' outcome."""

    streams: list[Stream]
    wanted: list[list[tuple[str, int]]]  # what each stream's samples hold, by the engine itself
    samples_sent: int

    @property
    def lost_samples(self) -> int:
        return sum(self.samples_sent - stream.samples_heard for stream in self.streams)

    @property
    def wrong_streams(self) -> int:
        """Streams whose events are not exactly those that their samples hold."""
        heard = [[(word, frame) for word, frame, _ in stream.events] for stream in self.streams]
        return sum(one != other for one, other in zip(heard, self.wanted, strict=True))

    def latencies(self) -> list[float]:
        return [latency for stream in self.streams for latency in stream.latencies()]

    def lateness(self) -> float:
        """Seconds by which the slowest block left late: whether this client itself kept up with real time."""
        late = (np.diff(stream.sent_at).max(initial=0.0) - BLOCK / SAMPLE_RATE for stream in self.streams)
        return max(late)


async def put_under_load(url: str, recording: Samples, model: Model, streams: int, seconds: int) -> Load:
    """Stream a recording again and again, from different places in it, through so many connections at once."""
    recording = recording[: len(recording) // BLOCK * BLOCK]
    count = seconds * SAMPLE_RATE // BLOCK
    variants = min(_VARIANTS, streams)
    wanted = [_events(model, _from(recording, variant), count) for variant in range(variants)]
    outcomes = [Stream() for _ in range(streams)]
    connections = []
    for outcome in outcomes:
        connections.append(await connect(url, "bench", outcome))
        await asyncio.sleep(1 / _CONNECTIONS)
    await _send(connections, [frames(_from(recording, variant)) for variant in range(variants)], count)
    await asyncio.gather(*(connection.ended for connection in connections))
    return Load(outcomes, [wanted[number % variants] for number in range(streams)], count * BLOCK)


async def _send(connections: list[Connection], variants: list[list[bytes]], count: int) -> None:
    """So many blocks of each stream, when a microphone would give them; the streams take turns within a block."""
    spacing = BLOCK / SAMPLE_RATE / len(connections)
    start, sent = time.monotonic(), 0  # blocks of all streams
    while sent < count * len(connections):
        due = min(int((time.monotonic() - start) / spacing), count * len(connections))
        for turn in range(sent, due):
            block, number = divmod(turn, len(connections))
            variant = variants[number % len(variants)]
            connections[number].send(variant[block % len(variant)])
        sent = due
        await asyncio.sleep(_TICK)
    for connection in connections:
        connection.end()


def _from(recording: Samples, variant: int) -> Samples:
    """The recording from another of its blocks on, and its beginning after its end."""
    blocks = len(recording) // BLOCK
    return np.roll(recording, -(variant * blocks // _VARIANTS) * BLOCK)


def _events(model: Model, recording: Samples, blocks: int) -> list[tuple[str, int]]:
    """The events of so many blocks, of a recording that begins again when it ends."""
    engine = open_engine(model)
    traces = (engine.push(block) for block in _again_and_again(recording, blocks))
    return [(model.labels[event.label], event.frame) for trace in traces for event in trace.events]


def _again_and_again(recording: Samples, blocks: int) -> Iterator[Samples]:
    return islice(cycle(recording.reshape(-1, BLOCK)), blocks)
