"""What the service takes, and how fast it is."""
