"""Measured figures, kept as JSON files, and the command that makes the tables of docs/results from them."""
