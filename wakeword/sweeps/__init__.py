"""Sweeps: many trainings side by side."""
