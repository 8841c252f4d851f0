"""From samples to kept events: sources, their engines, and what puts their detections down."""
