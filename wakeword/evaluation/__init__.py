"""Accuracy on clips (`accuracy`), detection in streams (`detection`), and the choice of thresholds (`thresholds`)."""
