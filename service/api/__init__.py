"""The routes: REST, the WebSocket for audio, and streams of events."""
