"""The targets of deliveries that the settings name, and their workers."""

from __future__ import annotations

import socket
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

from service.delivery.mqtt import mqtt, parse_broker
from service.delivery.outbox import Outbox
from service.delivery.webhook import webhook, webhook_secret
from service.delivery.worker import Backoff, Connect, DeliveryWorker
from service.metrics import Metrics
from service.notifier import Notifier
from service.settings import Settings
from service.store.database import Database
from wakeword.errors import UsageError

_MQTT = "mqtt"


def targets(settings: Settings) -> tuple[str, ...]:
    """Return the names under which deliveries wait in the outbox.

    Raises:
        UsageError: a URL is invalid.
    """
    for url in settings.webhooks:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"--webhook takes a URL of http or https, not {url!r}")
    if settings.mqtt is None:
        return settings.webhooks
    parse_broker(settings.mqtt)
    return (_MQTT, *settings.webhooks)


def delivery_workers(
    settings: Settings, database: Database, stored: Notifier, metrics: Metrics, words: Callable[[], tuple[str, ...]]
) -> list[DeliveryWorker]:
    """Return a worker for each target. stored: notifies of new events. words: returns those of the models that listen.

    Raises:
        WakewordError: the webhooks' secret can't be written.
    """

    def worker(target: str, name: str, connect: Connect) -> DeliveryWorker:
        return DeliveryWorker(name, connect, Outbox(database, target), stored, metrics, Backoff(settings.first_retry))

    workers = []
    if settings.mqtt is not None:
        broker = parse_broker(settings.mqtt)
        workers.append(worker(_MQTT, _MQTT, partial(mqtt, broker, socket.gethostname(), words, OrderedDict())))
    for url in settings.webhooks:
        secret = webhook_secret(settings.data)
        # Logs and metrics show the host only: the path of a webhook is often its password.
        workers.append(worker(url, urlsplit(url).hostname or url, partial(webhook, url, secret)))
    return workers
