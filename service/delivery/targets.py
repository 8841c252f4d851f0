"""Who is told of events: the systems that the settings name."""

from __future__ import annotations

import socket
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from service.delivery.mqtt import mqtt, parse_broker
from service.delivery.outbox import Outbox
from service.delivery.webhook import webhook, webhook_secret
from service.delivery.worker import Backoff, Connect, DeliveryWorker
from service.detection.recorder import Notifier
from service.metrics import Metrics
from service.settings import Settings
from service.store.database import Database
from wakeword.errors import WakewordError

_MQTT = "mqtt"


def targets(settings: Settings) -> tuple[str, ...]:
    """The names under which deliveries wait.

    Raises:
        WakewordError: a URL is none.
    """
    for url in settings.webhooks:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise WakewordError(f"--webhook takes a URL of http or https, not {url!r}")
    if settings.mqtt is None:
        return settings.webhooks
    parse_broker(settings.mqtt)
    return (_MQTT, *settings.webhooks)


def delivery_workers(
    settings: Settings, database: Database, kept: Notifier, metrics: Metrics, words: Callable[[], tuple[str, ...]]
) -> list[DeliveryWorker]:
    """One for each target. kept: rings for new events. words: those of the active model.

    Raises:
        WakewordError: the webhooks' secret can't be written.
    """

    def courier(target: str, name: str, connect: Connect) -> DeliveryWorker:
        return DeliveryWorker(name, connect, Outbox(database, target), kept, metrics, Backoff(settings.first_retry))

    found = []
    if settings.mqtt is not None:
        broker = parse_broker(settings.mqtt)
        found.append(courier(_MQTT, _MQTT, partial(mqtt, broker, socket.gethostname(), words)))
    for url in settings.webhooks:
        secret = webhook_secret(settings.data)
        # Its host alone goes into logs and metrics: the path of a webhook is often its password.
        found.append(courier(url, urlsplit(url).hostname or url, partial(webhook, url, secret)))
    return found
