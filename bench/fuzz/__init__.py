"""Mutated input to everything that reads what strangers write."""
