"""Measure the service: load, latency, memory, dashboard."""
