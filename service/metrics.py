"""The service's Prometheus metrics."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The metrics of one service."""

    def __init__(self) -> None:
        self._registry = own = CollectorRegistry()
        self.streams = Gauge("wakeword_streams", "Open streams.", registry=own)
        self.samples = Counter("wakeword_samples", "Samples processed; 16,000 per second of a stream.", registry=own)
        self.events = Counter("wakeword_events", "Events stored.", ["word"], registry=own)
        self.commit_seconds = Histogram(
            "wakeword_commit_seconds", "Time to store a group of events on the disk.", registry=own
        )
        self.deliveries = Counter(
            "wakeword_deliveries", "Deliveries to MQTT and webhooks, by outcome.", ["target", "outcome"], registry=own
        )
        self.failures = Counter(
            "wakeword_part_failures", "Failed and restarted tasks of the service.", ["part"], registry=own
        )
        self.refusals = Counter("wakeword_refusals", "Refused requests, by HTTP status.", ["status"], registry=own)

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self._registry)
