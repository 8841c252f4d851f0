"""Speak lines by a speech engine that is a Python package. Run by the Python of the environment with that engine.

    python worker.py pico|openjtalk LINES.json OUT

LINES holds a list of [text, voice, speed]. OUT gets the file N.wav of line N.
"""

from __future__ import annotations

import json
import sys
import wave
from collections.abc import Callable
from pathlib import Path

Speech = tuple[bytes, int]  # int16 samples, rate


def pico() -> Callable[[str, str, float], Speech]:
    """Load SVOX Pico."""
    import py_nanotts

    engine = py_nanotts.NanoTTS()
    return lambda text, voice, speed: (engine.speak(text, voice=voice, speed=speed), 16_000)


def openjtalk() -> Callable[[str, str, float], Speech]:
    """Load Open JTalk; its samples may pass full scale, so they are halved."""
    import numpy as np
    import pyopenjtalk

    def speak(text: str, voice: str, speed: float) -> Speech:
        samples, rate = pyopenjtalk.tts(text, speed=speed)
        return np.asarray(samples / 2, "<i2").tobytes(), rate

    return speak


def main() -> None:
    """Load the engine, speak the lines, write the files."""
    name, lines, out = sys.argv[1:]
    speak = {"pico": pico, "openjtalk": openjtalk}[name]()
    for number, line in enumerate(json.loads(Path(lines).read_text("utf-8"))):
        samples, rate = speak(*line)
        with wave.open(str(Path(out) / f"{number}.wav"), "wb") as file:
            file.setparams((1, 2, rate, 0, "NONE", ""))
            file.writeframes(samples)


if __name__ == "__main__":
    main()
