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

import httpx

from service.delivery.outbox import Delivery
from service.delivery.worker import Refused, Send, Unreachable, Unwanted
from wakeword.files import write_whole

_FILE = "webhook.secret"
_PREFIX = "whsec_"
_TIMEOUT = 10.0  # seconds
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
                answer = await client.post(url, content=delivery.body, headers=headers)
            except httpx.TransportError as error:
                raise Unreachable(str(error) or type(error).__name__) from error
            if answer.status_code == _GONE:
                raise Unwanted("the receiver wants no more deliveries (status 410)")
            if not answer.is_success:
                raise Refused(f"status {answer.status_code}")

        yield send
