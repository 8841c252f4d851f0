"""A microphone of the tests: it plays a recording into ESPHome."""
