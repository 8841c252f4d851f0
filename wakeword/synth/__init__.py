"""Speech synthesis: clips of phrases in many voices, by every speech engine that is installed."""
