"""Clips that people have judged, filed as `wakeword train --extra` reads them: a folder for each word."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Literal

from featurizer.logmel import Samples
from service.store.events import Event
from wakeword.audio.files import decode, encode
from wakeword.data.keywords import UNKNOWN
from wakeword.files import write_whole

_NO_FILE_NAME = re.compile(r"[^\w-]+")


def file_event(folder: Path, event: Event, flac: bytes, verdict: Literal["wrong", "right"]) -> str:
    """File an event's clip: under its word, or as unknown where it was wrong. A second verdict replaces the first.

    Returns the file, below `folder`.

    Raises:
        WakewordError: it can't be written.
    """
    places = {"right": _safe(event.word), "wrong": UNKNOWN}
    name = f"event-{event.id}.wav"
    for place in places.values():
        (folder / place / name).unlink(missing_ok=True)
    return _file(folder, places[verdict], name, encode(decode(flac), "wav"))


def file_missed(folder: Path, word: str, source: str, samples: Samples, now: float) -> str:
    """File a second in which a word was missed. now: seconds since 1970.

    Returns the file, below `folder`.

    Raises:
        WakewordError: it can't be written.
    """
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(now)) + f"{round(now * 1000) % 1000:03d}"
    return _file(folder, _safe(word), f"{stamp}-{_safe(source)}.wav", encode(samples, "wav"))


def _file(folder: Path, place: str, name: str, data: bytes) -> str:
    write_whole(folder / place / name, data)
    return f"{place}/{name}"


def _safe(name: str) -> str:
    """A name that stays in its folder."""
    return _NO_FILE_NAME.sub("_", name) or "_"
