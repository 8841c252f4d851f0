"""What the service keeps: events, their clips, the words' settings, and what is still to be delivered."""
