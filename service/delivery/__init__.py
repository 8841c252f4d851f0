"""Telling other systems of each event, at least once: an outbox, and a courier for each of them."""
