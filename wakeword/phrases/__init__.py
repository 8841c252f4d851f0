"""Phrases: spelling to phonemes, what sounds alike, sentences."""
