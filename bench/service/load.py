"""Many streams in real time: what comes back, and when."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field

import numpy as np
from websockets.asyncio.client import connect

from featurizer import HOP, SAMPLE_RATE, WINDOW
from featurizer.logmel import Samples
from wakeword.bundle import Bundle
from wakeword.stream import open_engine

BLOCK = SAMPLE_RATE // 10  # samples a message: 100 ms
_CONNECTIONS = 40  # a second: the service takes 50 of one address
_VARIANTS = 10  # places in the recording at which streams begin


@dataclass
class Stream:
    """One stream's outcome."""

    sent_at: list[float] = field(default_factory=list)  # seconds, by block
    events: list[tuple[str, int, float]] = field(default_factory=list)  # word, frame, when it came
    samples_heard: int = 0

    def latencies(self) -> list[float]:
        """Seconds from sending the block that completes an event's frame to the event."""
        blocks = ((frame * HOP + WINDOW - 1) // BLOCK for _, frame, _ in self.events)
        return [came - self.sent_at[block] for block, (_, _, came) in zip(blocks, self.events, strict=True)]


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


async def put_under_load(url: str, recording: Samples, bundle: Bundle, streams: int, seconds: int) -> Load:
    """Stream a recording again and again, from different places in it, through so many connections at once."""
    variants = [_audio(recording, variant, seconds) for variant in range(_VARIANTS)]
    wanted = [_events(bundle, audio) for audio in variants]
    outcomes = [Stream() for _ in range(streams)]
    begin = time.monotonic() + 2 + streams / _CONNECTIONS  # by then all are connected

    async def run(number: int, outcome: Stream) -> None:
        await asyncio.sleep(number / _CONNECTIONS)
        await _stream(url, variants[number % _VARIANTS], outcome, begin + number * BLOCK / SAMPLE_RATE / streams)

    await asyncio.gather(*(run(number, outcome) for number, outcome in enumerate(outcomes)))
    return Load(outcomes, [wanted[i % _VARIANTS] for i in range(streams)], len(variants[0]))


def _audio(recording: Samples, variant: int, seconds: int) -> Samples:
    rolled = np.roll(recording, -variant * len(recording) // _VARIANTS)
    return np.resize(rolled, seconds * SAMPLE_RATE)


def _events(bundle: Bundle, audio: Samples) -> list[tuple[str, int]]:
    return [(bundle.labels[event.label], event.frame) for event in open_engine(bundle).push(audio).events]


async def _stream(url: str, audio: Samples, outcome: Stream, start: float) -> None:
    address = f"{url.replace('http', 'ws')}/api/stream?name=bench"
    async with connect(address, compression=None, open_timeout=60, ping_interval=None) as socket:
        reading = asyncio.create_task(_read(socket, outcome))
        for block in range(len(audio) // BLOCK):
            await asyncio.sleep(start + (block + 1) * BLOCK / SAMPLE_RATE - time.monotonic())
            outcome.sent_at.append(time.monotonic())
            await socket.send(audio[block * BLOCK : (block + 1) * BLOCK].tobytes())
        await socket.send('{"type":"end"}')
        await reading


async def _read(socket: object, outcome: Stream) -> None:
    async for text in socket:  # type: ignore[attr-defined]
        came, message = time.monotonic(), json.loads(text)
        if message["type"] == "event":
            outcome.events.append((message["event"]["word"], message["event"]["frame"], came))
        elif message["type"] == "end":
            outcome.samples_heard = message["samples"]
