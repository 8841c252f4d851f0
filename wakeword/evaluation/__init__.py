"""Accuracy of clips, detection in streams, and thresholds."""
