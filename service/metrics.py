"""The service's Prometheus metrics."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MAX_WORDS = 1000  # with a counter of events each
OTHER_WORDS = "others"


class Metrics:
    """The metrics of one service."""

    def __init__(self) -> None:
        self._registry = own = CollectorRegistry()
        self._words: set[str] = set()  # that have a counter
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

    def count_event(self, word: str) -> None:
        """Count a stored event. A board sends any word, so those beyond `MAX_WORDS` are counted together."""
        if word not in self._words and len(self._words) >= MAX_WORDS:
            word = OTHER_WORDS
        self._words.add(word)
        self.events.labels(word).inc()

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self._registry)
