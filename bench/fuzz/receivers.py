"""Give mutated messages to all that receives them: both ends of the serial link, Wyoming, the WebSocket for audio."""

from __future__ import annotations

import asyncio
import resource
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from subprocess import PIPE
from typing import Any

import numpy as np
from starlette.websockets import WebSocketDisconnect
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.event import Event
from wyoming.info import Describe
from wyoming.wake import Detect

from bench.fuzz.fault import MEGABYTE, MOST_MEMORY, Fault
from bench.fuzz.mutate import mutated
from service.api import websocket
from service.detection.setup import Word
from service.settings import Limits
from service.wyoming.audio import Converter, audio_format
from service.wyoming.messages import MessageReader, encode
from service.wyoming.refused import Refused
from service.wyoming.words import names_of, requested
from wakeword.boards.messages import MAX_PAYLOAD, Decoder, Hello, Message, report_of
from wakeword.boards.messages import encode as encode_for_line
from wakeword.model.export_c import export_c
from wakeword.model.pretrained import load_model

_FIRMWARE = Path(__file__).resolve().parents[2] / "firmware" / "src"
_MOST_SECONDS = 5.0  # for one string
_AT_ONCE = 100  # strings that are made before they are written
_WARM_UP = 500  # strings, after which memory counts
_WORDS = [Word("mine", word) for word in ("yes", "hey lumen", "Café")]

Rng = np.random.Generator
Make = Callable[[Rng], bytes]
Receive = Callable[[bytes], bool]  # returns whether it took the string whole


def fuzz(count: int, seed: int) -> str:
    """Give `count` strings to each receiver. Return what came of it.

    Raises:
        Fault: a receiver has crashed, hung, taken too much memory, or not gone on behind a string.
    """
    lines = [f"serial link, board: {board(count, seed)}"]
    with closing(asyncio.new_event_loop()) as loop:
        receivers: dict[str, tuple[Make, Receive]] = {
            "serial link, computer": (_to_host, _receive_on_host),
            "Wyoming": (_to_wyoming, lambda string: loop.run_until_complete(_receive_by_wyoming(string))),
            "WebSocket": (_to_websocket, _receive_by_websocket),
        }
        for name, (make, receive) in receivers.items():
            lines.append(f"{name}: {_give(make, receive, count, np.random.default_rng(seed))}")
    return "\n".join(lines)


def board(count: int, seed: int) -> str:
    """Give strings to the C of a board, under AddressSanitizer and UndefinedBehaviorSanitizer.

    Raises:
        Fault: it has crashed, hung or not answered.
    """
    begin, rng = time.monotonic(), np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        program = _compile(Path(folder))
        # Without a buffer, which could not be flushed to a program that has ended.
        with subprocess.Popen([program], bufsize=0, stdin=PIPE, stdout=PIPE, stderr=PIPE) as ran:
            assert ran.stdin is not None and ran.stdout is not None and ran.stderr is not None
            with suppress(BrokenPipeError):  # it has ended; the status says why
                for start in range(0, count, _AT_ONCE):
                    strings = (_to_board(rng) for _ in range(min(_AT_ONCE, count - start)))
                    ran.stdin.write(b"".join(struct.pack("<H", len(string)) + string for string in strings))
            ran.stdin.close()
            found, errors = ran.stdout.read().split(), ran.stderr.read().decode()
        if ran.returncode != 0 or int(found[0]) != count:
            raise Fault(f"a board's receiver ended with status {ran.returncode}: {errors.strip()[:2000]}")
    return f"{count:,} strings in {time.monotonic() - begin:.0f} s, {int(found[1]):,} messages answered"


def _compile(folder: Path) -> Path:
    (folder / "wakeword_model.h").write_text(export_c(load_model()))
    program = folder / "receivers"
    strict = ["-std=c99", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-Wextra", "-Wconversion", "-Werror"]
    sanitized = ["-g", "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
    sources = [Path(__file__).with_suffix(".c"), *_FIRMWARE.glob("link/*.c"), *_FIRMWARE.glob("core/*.c")]
    includes = [f"-I{folder}", f"-I{_FIRMWARE}", f"-I{_FIRMWARE / 'core'}"]
    built = subprocess.run(
        ["gcc", *strict, *sanitized, *includes, *sources, "-o", program], capture_output=True, text=True
    )
    if built.returncode != 0:
        raise Fault(f"the receivers can't be compiled: {built.stderr[:2000]}")
    return program


def _give(make: Make, receive: Receive, count: int, rng: Rng) -> str:
    """Give strings to a receiver. Return how many it took whole, and what that cost."""
    begin, slowest, taken, base = time.monotonic(), 0.0, 0, _peak_memory()
    for number in range(count):
        if number == _WARM_UP:
            base = _peak_memory()
        string = make(rng)
        before = time.monotonic()
        try:
            taken += receive(string)
        except Exception as error:
            raise Fault(f"string {number}, {string[:200]!r}: {error!r}") from error
        seconds = time.monotonic() - before
        slowest = max(slowest, seconds)
        if seconds > _MOST_SECONDS:
            raise Fault(f"string {number}, {string[:200]!r}, took {seconds:.0f} s")
    grown = _peak_memory() - base
    if grown > MOST_MEMORY:
        raise Fault(f"memory grew by {grown // MEGABYTE} MB")
    return (
        f"{count:,} strings in {time.monotonic() - begin:.0f} s, {taken:,} whole, slowest {1000 * slowest:.0f} ms, "
        f"memory grew by {grown // MEGABYTE} MB"
    )


def _peak_memory() -> int:
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _some(seeds: Sequence[bytes], rng: Rng) -> bytes:
    """Return one to three messages, most of them mutated."""
    chosen = b"".join(seeds[int(rng.integers(len(seeds)))] for _ in range(int(rng.integers(1, 4))))
    return mutated(chosen, rng) if rng.random() < 0.9 else chosen


def _line(messages: Sequence[Message], rng: Rng) -> bytes:
    """Return messages for the serial line. Of some the payload is mutated before the checksum, so that it is sound."""
    seeds = []
    for message in messages:
        payload = mutated(message.payload, rng)[:MAX_PAYLOAD] if rng.random() < 0.5 else message.payload
        seeds.append(encode_for_line(Message(message.type, payload)))
    return _some(seeds, rng)


def _to_board(rng: Rng) -> bytes:
    audio = rng.integers(-32_768, 32_768, 120).astype("<i2").tobytes()
    features = rng.integers(-32_768, 32_768, 32).astype("<i2").tobytes()
    messages = [Message(kind, b"") for kind in "htm"] + [Message("a", audio), Message("f", features)]
    return _line(messages, rng)


def _to_host(rng: Rng) -> bytes:
    return _line(
        [
            Message("H", struct.pack("<II", 1, 2)),
            Message("E", struct.pack("<IhB", 100, 20_000, 3) + "naïve".encode()),
            Message("S", struct.pack("<IHIII", 1, 2, 3, 4, 5)),
            Message("P", struct.pack("<IHH", 1, 2, 3) + bytes(24)),
            Message("A", struct.pack("<I", 120)),
        ],
        rng,
    )


_HELLO = b"\0" + encode_for_line(Message("H", struct.pack("<II", 7, 8)))


def _receive_on_host(string: bytes) -> bool:
    decoder = Decoder()
    half = len(string) // 2
    reports = [report_of(it) for data in (string[:half], string[half:], _HELLO) for it in decoder.feed(data)]
    if reports[-1] != Hello(7, 8):
        raise Fault("a sound message behind the string was not received")
    return len(reports) > 1


def _payload(message: Event, payload: bytes) -> bytes:
    line, _, data = encode(message).partition(b"\n")
    return line[:-1] + f', "payload_length": {len(payload)}}}\n'.encode() + data + payload


_WYOMING = [
    encode(Describe().event()),
    encode(Detect(names=["yes", "Hey_Lumen", "cafe\u0301"]).event()),
    encode(AudioStart(16_000, 2, 1).event()),
    encode(AudioStop().event()),
    *(
        _payload(Event("audio-chunk", {"rate": rate, "width": width, "channels": channels}), bytes(range(240)))
        for rate, width, channels in [(16_000, 2, 1), (48_000, 4, 2), (8000, 1, 8)]
    ),
    b'{"type": "detect", "data": {"names": ["yes"]}, "data_length": 15}\n{"names": null}',
]


def _to_wyoming(rng: Rng) -> bytes:
    return _some(_WYOMING, rng)


async def _receive_by_wyoming(string: bytes) -> bool:
    stream = asyncio.StreamReader()
    stream.feed_data(string)
    stream.feed_eof()
    reader = MessageReader(stream, Limits().message_bytes)
    try:
        while (message := await reader.read()) is not None:
            if AudioChunk.is_type(message.type):
                converter = Converter(audio_format(message.data), lambda channel: None)
                for _ in converter.push(message.payload or b""):
                    pass
            elif Detect.is_type(message.type):
                requested(names_of(message.data), _WORDS)
    except Refused:
        return False
    return True


_WEBSOCKET = [b'{"type": "end"}', b'{"type":"end"}', b"[[[[{}]]]]", '"é"'.encode(), bytes(range(256)), bytes(640)]


def _to_websocket(rng: Rng) -> bytes:
    return _some(_WEBSOCKET, rng)


def _receive_by_websocket(string: bytes) -> bool:
    """Give the string as a binary message and as a text."""
    taken = False
    messages: list[dict[str, Any]] = [{"bytes": string}, {"text": string.decode("utf-8", "surrogateescape")}]
    for message in messages:
        with suppress(websocket._Closed, WebSocketDisconnect):
            websocket._samples({"type": "websocket.receive", **message}, Limits().message_bytes)
            taken = True
    return taken
