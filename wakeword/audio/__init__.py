"""Audio files, levels, the microphone."""
