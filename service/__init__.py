"""The web service: REST and WebSocket over a running detector, an event store and a dashboard."""
