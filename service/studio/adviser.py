"""Asks the process that advises on phrases and estimates trainings (answering.py). It is there while it is used.

What it computes would hold up the streams of this process, and it takes some hundred megabytes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from typing import Any

import structlog
from fastapi import HTTPException

from service.studio.process import PACKAGES
from wakeword.errors import UsageError

_SECONDS = 60.0  # for an answer
_IDLE = 120.0  # seconds without a question, after which the process ends
_MOST = 10  # questions that are answered or wait
_log = structlog.get_logger()


class Adviser:
    """Answers one question after the other."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = asyncio.Lock()
        self._asked = 0
        self._idle: asyncio.TimerHandle | None = None

    async def ask(self, question: dict[str, Any]) -> Any:
        """Return the answer to a question of answering.py.

        Raises:
            UsageError: what it asks of can't be used; in one line.
            HTTPException: 503, too many wait, it takes too long, or the process has ended.
        """
        if self._asked >= _MOST:
            raise HTTPException(503, "too many questions wait; ask again", {"Retry-After": "5"})
        self._asked += 1
        try:
            async with self._turn:
                found = await self._answer(json.dumps(question).encode() + b"\n")
        finally:
            self._asked -= 1
        if "error" in found:
            raise UsageError(found["error"])
        return found["answer"]

    def close(self) -> None:
        """End the process, if there is one."""
        if self._idle is not None:
            self._idle.cancel()
        if self._process is not None:
            _end(self._process)
            self._process = None

    async def _answer(self, question: bytes) -> dict[str, Any]:
        if self._idle is not None:
            self._idle.cancel()
        process = self._process = self._process or _started()
        try:
            line = await asyncio.wait_for(asyncio.to_thread(_asked, process, question), _SECONDS)
            found: dict[str, Any] = json.loads(line)
        except (asyncio.TimeoutError, OSError, ValueError) as error:  # the last of these: it has ended
            self.close()
            _log.warning("no advice: its process has failed, or takes too long", reason=repr(error))
            raise HTTPException(503, "there is no answer; ask again", {"Retry-After": "5"}) from error
        except BaseException:  # who asked is gone; the answer must not be taken for that of the next question
            self.close()
            raise
        self._idle = asyncio.get_running_loop().call_later(_IDLE, self.close)
        return found


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "service.studio.answering"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=PACKAGES,
        start_new_session=True,  # an interrupt from the terminal is for the service, which then ends this
    )


def _asked(process: subprocess.Popen[bytes], question: bytes) -> bytes:
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(question)
    process.stdin.flush()
    return process.stdout.readline()


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process, and wait for its end. A thread that reads its output gets the end of it."""
    process.kill()
    process.wait()
    assert process.stdin is not None
    with contextlib.suppress(OSError):  # a question that it hasn't read
        process.stdin.close()
