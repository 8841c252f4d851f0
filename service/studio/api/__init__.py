"""The studio's routes, below /api/studio."""
