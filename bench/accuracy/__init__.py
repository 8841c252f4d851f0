"""Accuracy, size and work of trained models, side by side: a table and a figure from what sweeps have found."""
