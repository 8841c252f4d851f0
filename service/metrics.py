"""The service's Prometheus metrics."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
MAX_WORDS = 1000  # with a counter of events each; a word counts for each model
OTHER_WORDS = "others"  # of no model


class Metrics:
    """The metrics of one service."""

    def __init__(self) -> None:
        self._registry = own = CollectorRegistry()
        self._words: set[tuple[str, str]] = set()  # with their models, that have a counter
        self.streams = Gauge("wakeword_streams", "Open streams.", registry=own)
        self.samples = Counter("wakeword_samples", "Samples processed; 16,000 per second of a stream.", registry=own)
        self.events = Counter("wakeword_events", "Events stored.", ["word", "model"], registry=own)
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

    def count_event(self, word: str, model: str) -> None:
        """Count a stored event. A board sends any word, so those beyond `MAX_WORDS` are counted together."""
        labels = word, model
        if labels not in self._words and len(self._words) >= MAX_WORDS:
            labels = OTHER_WORDS, ""
        self._words.add(labels)
        self.events.labels(*labels).inc()

    def text(self) -> bytes:
        """Return all metrics in Prometheus' text format."""
        return generate_latest(self._registry)
