"""Synthetic speech: clips of phrases by many voices, of every engine that is at hand."""
