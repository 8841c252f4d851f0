"""Webhooks: POST each event, signed by the Standard Webhooks specification."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import httpx

from service.delivery.outbox import Delivery
from service.delivery.worker import Refused, Send, Unreachable, Unwanted
from wakeword.files import write_whole

_FILE = "webhook.secret"
_PREFIX = "whsec_"
_TIMEOUT = 10.0  # seconds
_LONGEST_RESPONSE = 1 << 16  # bytes
_SUCCESSES, _REDIRECTS = range(200, 300), range(300, 400)
_GONE = 410  # status of a receiver that wants no more deliveries


def webhook_secret(folder: Path) -> str:
    """Return the secret that signs webhooks. Make it on first use.

    Raises:
        WakewordError: the secret can't be written.
    """
    file = folder / _FILE
    if not file.exists():
        secret = _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()
        write_whole(file, secret.encode(), private=True)
    return file.read_text().strip()


def signature(secret: str, message: str, timestamp: int, body: str) -> str:
    """Return the value of the header `webhook-signature`."""
    key = base64.b64decode(secret.removeprefix(_PREFIX))
    digest = hmac.new(key, f"{message}.{timestamp}.{body}".encode(), hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


@asynccontextmanager
async def webhook(url: str, secret: str) -> AsyncIterator[Send]:
    """Open an HTTP client that posts to a receiver. A repeated delivery has the same `webhook-id`."""
    async with httpx.AsyncClient(timeout=_TIMEOUT) as client:

        async def send(delivery: Delivery) -> None:
            message, now = f"event_{delivery.event_id}", int(time.time())
            headers = {
                "content-type": "application/json",
                "webhook-id": message,
                "webhook-timestamp": str(now),
                "webhook-signature": signature(secret, message, now, delivery.body),
            }
            try:
                with anyio.fail_after(_TIMEOUT):  # in all: a receiver may send its response byte by byte
                    status = await _post(client, url, delivery.body, headers)
            except TimeoutError as error:
                raise Unreachable(f"no response within {_TIMEOUT:.0f} seconds") from error
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise Unreachable(str(error) or type(error).__name__) from error
            if status == _GONE:
                raise Unwanted("the receiver wants no more deliveries (status 410)")
            if status in _REDIRECTS:
                raise Refused(f"status {status}: redirects aren't followed; give the URL they lead to")
            if status not in _SUCCESSES:
                raise Refused(f"status {status}")

        yield send


async def _post(client: httpx.AsyncClient, url: str, body: str, headers: dict[str, str]) -> int:
    """Post, and return the status. Read the response, so that the connection can be used again, but no endless one."""
    async with client.stream("POST", url, content=body, headers=headers) as answer:
        read = 0
        async for chunk in answer.aiter_raw():
            read += len(chunk)
            if read > _LONGEST_RESPONSE:
                break
        return answer.status_code
