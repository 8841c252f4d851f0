"""What Prometheus may ask."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The counters of one service."""

    def __init__(self) -> None:
        self._registry = own = CollectorRegistry()
        self.streams = Gauge("wakeword_streams", "Streams that are open.", registry=own)
        self.samples = Counter("wakeword_samples", "Samples heard, 16,000 a second and stream.", registry=own)
        self.events = Counter("wakeword_events", "Events kept.", ["word"], registry=own)
        self.commit_seconds = Histogram(
            "wakeword_commit_seconds", "Time to put a group of events on the disk.", registry=own
        )
        self.deliveries = Counter(
            "wakeword_deliveries", "Deliveries to other systems.", ["target", "outcome"], registry=own
        )
        self.failures = Counter(
            "wakeword_part_failures", "Parts of the service that failed and began anew.", ["part"], registry=own
        )
        self.refusals = Counter("wakeword_refusals", "Requests that were refused.", ["status"], registry=own)

    def text(self) -> bytes:
        """All of them in Prometheus' text format."""
        return generate_latest(self._registry)
