"""Training data: keywords, Speech Commands, augmentation, rooms, noise."""
