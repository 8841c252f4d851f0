"""The HTTP interface: REST routes, the WebSocket for audio, and Server-Sent Events."""
