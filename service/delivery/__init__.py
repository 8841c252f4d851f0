"""Deliver each event to MQTT and webhooks, at least once: an outbox table, and a worker for each target."""
