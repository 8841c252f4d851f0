"""MQTT: publish each event at quality of service 1, and announce its source to Home Assistant."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import ssl
import unicodedata
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import unquote, urlsplit

import aiomqtt

from service.delivery.outbox import Delivery
from service.delivery.worker import Send, Unreachable
from wakeword.errors import UsageError
from wakeword.model.labels import comparable

_FORBIDDEN = re.compile(r"[^a-z0-9]+")
_PORTS = {"mqtt": 1883, "mqtts": 8883}
_USAGE = "--mqtt takes mqtt://HOST or mqtts://USER:PASSWORD@HOST:PORT"
_MAX_SOURCES = 400  # as many as may be open at a time
_FIELDS = ("score", "id", "at", "time", "model", "source", "word")

Announced = OrderedDict[str, tuple[str, ...]]  # words by source, the one unused for longest first


@dataclass(frozen=True)
class Broker:
    """Address and credentials of an MQTT broker."""

    host: str
    port: int
    tls: bool
    username: str | None
    password: str | None


def parse_broker(url: str) -> Broker:
    """Parse mqtt://USER:PASSWORD@HOST:PORT, or mqtts:// for TLS.

    Raises:
        UsageError: the URL is invalid.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UsageError(f"{_USAGE}: {error}") from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise UsageError(_USAGE)
    username, password = (None if part is None else unquote(part) for part in (parts.username, parts.password))
    return Broker(parts.hostname, port or _PORTS[parts.scheme], parts.scheme == "mqtts", username, password)


@asynccontextmanager
async def mqtt(
    broker: Broker,
    node: str,
    words: Callable[[], tuple[str, ...]],
    announced: Announced,
    max_sources: int = _MAX_SOURCES,
) -> AsyncIterator[Send]:
    """Connect to a broker, and publish under the topic wakeword/NODE.

    node: name of this host. words: returns those of the models that listen. announced: on earlier connections; updated.
    max_sources: announced at a time. Any client names sources, so the one unused for longest is withdrawn.

    Raises:
        Unreachable: the broker can't be reached any more.
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
            connection = _Connection(client)
            await connection.publish(f"{topic}/status", "online", retain=True)
            current: set[str] = set()  # announced on this connection; the broker may have lost the rest

            async def send(delivery: Delivery) -> None:
                event = delivery.event
                source = slug(event["source"])
                known = tuple(dict.fromkeys([*announced.get(source, ()), *words(), event["word"]]))
                if announced.get(source) != known or source not in current:
                    await _announce(connection, topic, node, event["source"], known)
                    current.add(source)
                    announced[source] = known
                announced.move_to_end(source)
                while len(announced) > max_sources:
                    oldest = next(iter(announced))
                    await connection.publish(_discovery_topic(node, oldest), "", retain=True)
                    current.discard(oldest)
                    del announced[oldest]
                body = json.dumps({"event_type": event["word"], **{name: event[name] for name in _FIELDS}})
                await connection.publish(f"{topic}/{source}", body)

            yield send
    except aiomqtt.MqttError as error:
        raise Unreachable(str(error)) from error


class _Connection:
    """A connection that notices its end at once; the library alone would wait for an answer."""

    def __init__(self, client: aiomqtt.Client) -> None:
        self._client = client
        self._ended = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        with contextlib.suppress(aiomqtt.MqttError):
            async for _ in self._client.messages:
                pass

    async def publish(self, topic: str, body: str, retain: bool = False) -> None:
        """Publish, and wait until the broker acknowledges.

        Raises:
            Unreachable: the connection ended before that.
        """
        sending = asyncio.ensure_future(self._client.publish(topic, body, qos=1, retain=retain))
        await asyncio.wait([sending, self._ended], return_when=asyncio.FIRST_COMPLETED)
        if not sending.done():
            sending.cancel()
            raise Unreachable("the broker closed the connection")
        try:
            sending.result()
        except aiomqtt.MqttError as error:
            raise Unreachable(str(error)) from error


async def _announce(connection: _Connection, topic: str, node: str, source: str, words: tuple[str, ...]) -> None:
    """Announce a source to Home Assistant's discovery: an event entity, whose types are the words."""
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
    await connection.publish(_discovery_topic(node, slug(source)), json.dumps(config), retain=True)


def _discovery_topic(node: str, source: str) -> str:
    """Return the topic of a source's announcement. source: slug of its name."""
    return f"homeassistant/event/wakeword_{slug(node)}_{source}/config"


def slug(name: str) -> str:
    """Convert a name to one level of a topic, and a part of Home Assistant's ids: small letters of ASCII, digits and _.

    Spellings of one name become one. A name that has other letters gets a digest, so that no two names become one.
    """
    compared = comparable(name)
    letters = unicodedata.normalize("NFKD", compared).encode("ascii", "ignore").decode()
    level = _FORBIDDEN.sub("_", letters).strip("_")
    if level and level == compared.replace(" ", "_"):
        return level
    return f"{level or 'source'}_{sha256(compared.encode()).hexdigest()[:6]}"
