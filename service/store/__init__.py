"""Everything that outlives a restart: events, their clips, the words' settings, and pending deliveries."""
