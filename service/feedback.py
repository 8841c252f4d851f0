"""File judged clips for `wakeword train --extra`: a folder for each word."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Literal

from featurizer.logmel import Samples
from service.store.events import Event
from wakeword.audio.files import decode, encode
from wakeword.data.folders import word_folder
from wakeword.data.keywords import UNKNOWN
from wakeword.errors import WakewordError
from wakeword.files import write_whole
from wakeword.text import file_part


class TooManyClips(WakewordError):
    """Report that the folder holds as many clips as it may."""


def file_event(folder: Path, event: Event, flac: bytes, verdict: Literal["wrong", "right"], limit: int) -> str:
    """File an event's clip under its word if it was right, as unknown if it was wrong. Replace an earlier verdict.

    limit: of clips in the folder.

    Return the file's path below `folder`.

    Raises:
        TooManyClips: the folder is full.
        WakewordError: the file can't be written.
    """
    name = f"event-{event.id}.wav"
    earlier = list(folder.glob(f"*/{name}"))
    if not earlier:
        _check_room(folder, limit)
    label = word_folder(folder, event.word).name if verdict == "right" else UNKNOWN
    filed = _file(folder, label, name, encode(decode(flac), "wav"))
    for path in earlier:
        if path != folder / filed:
            path.unlink(missing_ok=True)  # after that: if the disk is full, the earlier verdict stays
    return filed


def file_missed(folder: Path, word: str, source: str, samples: Samples, now: float, limit: int) -> str:
    """File int16 samples at 16 kHz in which a word was missed. now: seconds since 1970.

    limit: of clips in the folder.

    Return the file's path below `folder`.

    Raises:
        TooManyClips: the folder is full.
        WakewordError: the file can't be written.
    """
    _check_room(folder, limit)
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(now)) + f"{round(now * 1000) % 1000:03d}"
    return _file(folder, word_folder(folder, word).name, f"{stamp}-{file_part(source)}.wav", encode(samples, "wav"))


def _file(folder: Path, word: str, name: str, data: bytes) -> str:
    write_whole(folder / word / name, data, private=True)
    return f"{word}/{name}"


def _check_room(folder: Path, limit: int) -> None:
    if sum(1 for _ in folder.glob("*/*.wav")) >= limit:
        raise TooManyClips(f"feedback holds {limit} clips already; train with them, and move them away")
