"""Phrases spoken by one engine, to be heard before a training. Each is a process of its own, which may take its memory.

An engine holds hundreds of megabytes, and its library may crash: neither is for the process that hears streams.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from fastapi import HTTPException

from service.studio.process import Guarded, last_line, of_wakeword
from wakeword.errors import UsageError
from wakeword.text import unprintable

Engine = Literal["kokoro", "piper", "flite", "espeak-ng"]

_AT_ONCE = 2  # processes
_MOST = 10  # requests that are spoken or wait
_SECONDS = 60.0  # for one
_NICE = 5  # the priority: after the streams, before a training
_USAGE = 2  # the exit status of a line that tells the way out


class Speaker:
    """Speaks phrases, two at a time."""

    def __init__(self) -> None:
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._asked = 0

    async def speak(self, phrase: str, engine: Engine, language: str, say: Sequence[str], seed: int) -> bytes:
        """Return a clip of a phrase, a WAV file. seed: draws the voice.

        Raises:
            UsageError: the phrase can't be said so, or the engine is missing; the line of the command.
            HTTPException: 503, too many wait, or it takes too long.
        """
        if strange := unprintable("".join((phrase, language, *say))):
            raise UsageError(f"U+{ord(strange[0]):04X} can't be said; leave it out")
        if self._asked >= _MOST:
            raise HTTPException(503, "too many phrases are being spoken; try again", {"Retry-After": "5"})
        self._asked += 1
        try:
            async with self._places:
                with tempfile.TemporaryDirectory(prefix="wakeword-") as folder:
                    return await _spoken(Path(folder), phrase, engine, language, say, seed)
        finally:
            self._asked -= 1


async def _spoken(folder: Path, phrase: str, engine: Engine, language: str, say: Sequence[str], seed: int) -> bytes:
    options = [f"--engine={engine}", f"--seed={seed}", "--format=wav", f"--out={folder}", f"--cache={folder / 'cache'}"]
    options += [f"--language={language}"] * bool(language) + [f"--say={pair}" for pair in say]
    output = folder / "output.txt"
    process = Guarded(of_wakeword("synth", "--show", *options, "--", phrase), output, _NICE)
    try:
        status = await asyncio.wait_for(process.wait(), _SECONDS)
    except asyncio.TimeoutError as error:
        raise HTTPException(503, "the engine takes too long; try again", {"Retry-After": "30"}) from error
    finally:
        await process.end()
    clips = sorted(folder.glob("*-1-*.wav"))
    if status == 0 and clips:
        return clips[0].read_bytes()
    said = last_line(output)
    raise UsageError(said if status == _USAGE and said else f"{engine} can't say it; try another engine or spelling")
