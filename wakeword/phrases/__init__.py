"""Phrases: their phonemes, their negatives, and everyday sentences."""
