"""CMU Flite as an engine: four American and Scottish voices of the `flite` program, small and quick."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import soundfile
import soxr

from featurizer import SAMPLE_RATE
from wakeword.synth.voice import CannotSpeak, Manner, Saying, Wave

LICENCE = "CMU Flite licence (BSD-like)"

_UNFIT = {"kal", "awb_time"}  # of 8 kHz; one that tells the time and nothing else
_TIMEOUT = 60.0  # seconds


class Flite:
    """The voices that the installed program has."""

    name = "flite"
    share = 0.5
    takes_phonemes = False

    def __init__(self) -> None:
        """Raises CannotSpeak where there is no such program, or it has no voice."""
        program = shutil.which("flite")
        if program is None:
            raise CannotSpeak("the program flite is not installed")
        self._program = program
        self.version = self._run("--version").split("version:")[-1].split("(")[0].strip()
        listed = self._run("-lv").partition(":")[2].split()
        self.voices = tuple(sorted(set(listed) - _UNFIT))
        if not self.voices:
            raise CannotSpeak("flite has no voices")

    def licences(self, manner: Manner) -> Mapping[str, str]:
        return {manner.voice: LICENCE}

    def draw(self, rng: np.random.Generator) -> Manner:
        return Manner(
            self.name,
            voice=str(rng.choice(self.voices)),
            accent="en-us",
            speed=round(rng.uniform(0.8, 1.3), 3),
            pitch=round(rng.uniform(0.88, 1.15), 3),
            mark=str(rng.choice((".", "?", ""))),
        )

    def speak(self, saying: Saying, manner: Manner) -> Wave:
        # A raised pitch quickens the word; speed means the pace that is heard in the end.
        stretch = f"duration_stretch={manner.pitch / manner.speed:.4f}"
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "speech.wav"
            text = f"{saying.text}{manner.mark}"
            self._run("-voice", manner.voice, "--setf", stretch, "-t", text, "-o", str(file))
            speech, rate = soundfile.read(file, dtype="float32")
        return np.asarray(soxr.resample(speech, rate * manner.pitch, SAMPLE_RATE), np.float32)

    def _run(self, *arguments: str) -> str:
        try:
            done = subprocess.run([self._program, *arguments], capture_output=True, text=True, timeout=_TIMEOUT)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise CannotSpeak(f"flite fails: {error}") from error
        # Asked for its version or its voices it answers, and its exit status means nothing.
        if arguments[0] == "-voice" and done.returncode:
            raise CannotSpeak(f"flite fails: {(done.stderr or done.stdout).strip()}")
        return done.stdout
