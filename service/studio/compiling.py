"""Programs for boards, compiled by arduino-cli on the service's computer: one at a time, with a limit of time."""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import HTTPException

from service.studio.process import Guarded, last_line
from wakeword.boards.build import TOOL, prepare
from wakeword.boards.kinds import Board
from wakeword.boards.tools import require
from wakeword.errors import UsageError
from wakeword.model.file import read_model

_SECONDS = 900.0  # a core that is compiled for the first time takes minutes
_LOOK_SECONDS = 0.5  # between two looks whether somebody still waits
_NICE = 5  # the priority: after the streams, before a training
_NO_CORE = re.compile(r"platform\b.*\bnot (found|installed)", re.IGNORECASE)


class Compiler:
    """Compiles a model's program for a board."""

    def __init__(self) -> None:
        self._busy = False

    def check(self) -> None:
        """Raise UsageError if arduino-cli is not installed, with what to do."""
        require(TOOL)

    async def compile(self, model: Path, board: Board, gone: Callable[[], Awaitable[bool]]) -> bytes:
        """Return the program that `wakeword flash` would write.

        gone: tells that nobody waits for it any more.

        Raises:
            UsageError: arduino-cli, the board's core or the sketch is missing, or it can't be compiled, in one line.
            HTTPException: 503, another program is being compiled, or it takes too long.
        """
        self.check()
        if self._busy:
            raise HTTPException(
                503, "another program is being compiled; try again when it is done", {"Retry-After": "30"}
            )
        self._busy = True
        try:
            with tempfile.TemporaryDirectory(prefix="wakeword-") as folder:
                return await _compiled(Path(folder), model, board, gone)
        finally:
            self._busy = False


async def _compiled(folder: Path, model: Path, board: Board, gone: Callable[[], Awaitable[bool]]) -> bytes:
    prepared = await asyncio.to_thread(lambda: prepare(board, read_model(model), folder))
    output = folder / "output.txt"
    process = Guarded([shutil.which(TOOL) or TOOL, *prepared.arguments], output, _NICE)
    ended = asyncio.create_task(process.wait())
    try:
        await _until(ended, gone)
    finally:
        await process.end()
        status = await ended
    if status == 0 and prepared.firmware.is_file():
        return prepared.firmware.read_bytes()
    if _NO_CORE.search(output.read_text("utf-8", "replace")):
        core = ":".join(board.fqbn.split(":")[:2])
        raise UsageError(f"{TOOL} lacks the core of this board: run {TOOL} core install {core}")
    raise UsageError(f"{TOOL} can't compile it: {last_line(output) or 'it said nothing'}")


async def _until(ended: asyncio.Task[int], gone: Callable[[], Awaitable[bool]]) -> None:
    """Wait for the end of a process. Raises HTTPException, 503, if it takes too long, or nobody waits for it."""
    loop = asyncio.get_running_loop()
    last = loop.time() + _SECONDS
    while not (await asyncio.wait([ended], timeout=_LOOK_SECONDS))[0]:
        if loop.time() > last:
            raise HTTPException(503, f"{TOOL} takes too long; compile the sketch by yourself", {"Retry-After": "60"})
        if await gone():
            raise HTTPException(503, "nobody waits for the program any more")
