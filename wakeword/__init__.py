"""wakeword: keyword spotting in a few kilobytes, the same bits on the laptop and the chip."""
