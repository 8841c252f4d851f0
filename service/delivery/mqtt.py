"""MQTT: each event at quality of service 1, and what Home Assistant needs to find its sources by itself."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import aiomqtt

from service.delivery.outbox import Delivery
from service.delivery.worker import Send, Unreachable
from wakeword.errors import WakewordError

_NO_TOPIC = re.compile(r"[^a-z0-9]+")
_PORTS = {"mqtt": 1883, "mqtts": 8883}
_FIELDS = ("score", "id", "at", "time", "model", "source", "word")


@dataclass(frozen=True)
class Broker:
    """Where the broker is, and who we are to it."""

    host: str
    port: int
    tls: bool
    username: str | None
    password: str | None


def parse_broker(url: str) -> Broker:
    """mqtt://USER:PASSWORD@HOST:PORT, or mqtts:// with TLS.

    Raises:
        WakewordError: it is none.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise WakewordError(f"--mqtt: {error}") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise WakewordError("--mqtt takes mqtt://HOST or mqtts://USER:PASSWORD@HOST:PORT")
    username, password = (None if part is None else unquote(part) for part in (parts.username, parts.password))
    return Broker(parts.hostname, port or _PORTS[parts.scheme], parts.scheme == "mqtts", username, password)


@asynccontextmanager
async def mqtt(broker: Broker, node: str, words: Callable[[], tuple[str, ...]]) -> AsyncIterator[Send]:
    """The way to a broker, under the topic wakeword/NODE.

    node: the name of this service. words: those of the active model.
    """
    topic = f"wakeword/{slug(node)}"
    client = aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.username,
        password=broker.password,
        tls_context=ssl.create_default_context() if broker.tls else None,
        will=aiomqtt.Will(f"{topic}/status", "offline", qos=1, retain=True),
    )
    try:
        async with client:
            line = _Line(client)
            await line.publish(f"{topic}/status", "online", retain=True)
            announced: dict[str, tuple[str, ...]] = {}

            async def send(delivery: Delivery) -> None:
                event = delivery.event
                known = tuple(dict.fromkeys([*announced.get(event["source"], ()), *words(), event["word"]]))
                if announced.get(event["source"]) != known:
                    await _announce(line, topic, node, event["source"], known)
                    announced[event["source"]] = known
                body = json.dumps({"event_type": event["word"], **{name: event[name] for name in _FIELDS}})
                await line.publish(f"{topic}/{slug(event['source'])}", body)

            yield send
    except aiomqtt.MqttError as error:
        raise Unreachable(str(error)) from error


class _Line:
    """A connection whose end is noticed at once, where the library would wait for an answer."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client
        self._ended = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        with contextlib.suppress(aiomqtt.MqttError):
            async for _ in self._client.messages:
                pass

    async def publish(self, topic: str, body: str, retain: bool = False) -> None:
        """Publish, and wait until the broker has it.

        Raises:
            Unreachable: it hasn't, as far as is known.
        """
        sending = asyncio.ensure_future(self._client.publish(topic, body, qos=1, retain=retain))
        await asyncio.wait([sending, self._ended], return_when=asyncio.FIRST_COMPLETED)
        if not sending.done():
            sending.cancel()
            raise Unreachable("the broker has hung up")
        try:
            sending.result()
        except aiomqtt.MqttError as error:
            raise Unreachable(str(error)) from error


async def _announce(line: _Line, topic: str, node: str, source: str, words: tuple[str, ...]) -> None:
    """Home Assistant's discovery: an event entity for a source, with the words as its types."""
    entity = f"wakeword_{slug(node)}_{slug(source)}"
    config = {
        "name": source,
        "unique_id": entity,
        "state_topic": f"{topic}/{slug(source)}",
        "availability_topic": f"{topic}/status",
        "event_types": list(words),
        "icon": "mdi:ear-hearing",
        "device": {"identifiers": [f"wakeword_{slug(node)}"], "name": f"wakeword {node}", "manufacturer": "wakeword"},
    }
    await line.publish(f"homeassistant/event/{entity}/config", json.dumps(config), retain=True)


def slug(name: str) -> str:
    """A name as a part of a topic."""
    return _NO_TOPIC.sub("_", name.lower()).strip("_") or "source"
