"""Bodies of requests: by when they must have come, and how many large ones may be on their way at a time."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import anyio
from fastapi import HTTPException, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.settings import Limits
from service.sockets import client_group, is_loopback

_PATIENCE = 10.0  # seconds that a client may be late at any rate


class BodyDeadline:
    """Answers 408 to a client whose body comes too slowly."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        complete = answered = False
        waited, received = 0.0, 0  # seconds, bytes

        async def receive_in_time() -> Message:
            nonlocal complete, waited, received
            if complete:
                return await receive()
            patience = min(_PATIENCE + received / self._limits.body_rate, self._limits.body_seconds) - waited
            start = time.monotonic()
            message = None
            with anyio.move_on_after(patience):
                message = await receive()
            waited += time.monotonic() - start
            if message is None:
                return _give_up(answered)
            received += len(message.get("body", b""))
            complete = not message.get("more_body", False)
            return message

        async def note_answer(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        await self._app(scope, receive_in_time, note_answer)


def _give_up(answered: bool) -> Message:
    if answered:
        return {"type": "http.disconnect"}
    raise HTTPException(408, "the body comes too slowly; send it again", {"Connection": "close"})


class Receiving:
    """The places for uploads that are on their way. One address gets no more than half of them."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._of_client: Counter[str] = Counter()

    @contextmanager
    def place(self, request: Request) -> Iterator[None]:
        """Take a place for the length of the block.

        Raises:
            HTTPException: 503, there is none.
        """
        client = client_group(request.client.host if request.client else "")
        most = self._most if is_loopback(client) else self._most // 2
        if self._of_client.total() >= self._most or self._of_client[client] >= most:
            detail = "the service receives as many files as it can; try again later"
            raise HTTPException(503, detail, {"Retry-After": "5"})
        self._of_client[client] += 1
        try:
            yield
        finally:
            self._of_client[client] -= 1
            self._of_client += Counter()  # drops those without an upload
