"""Compare a wake word with other engines on the same clips."""
