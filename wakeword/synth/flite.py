"""CMU Flite as a speech engine: four American and Scottish voices of the `flite` program, small and fast."""

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
from wakeword.synth.voice import SpeechEngineError, Utterance, VoiceSettings, Waveform

LICENSE = "CMU Flite licence (BSD-like)"

_UNSUITABLE = {"kal", "awb_time"}  # one of 8 kHz; one that only tells the time
_TIMEOUT = 60.0  # seconds


class Flite:
    """The voices of the installed program."""

    name = "flite"
    share = 0.5
    accepts_phonemes = False

    def __init__(self) -> None:
        """Ask the program for its version and voices. Raises SpeechEngineError if it or its voices are missing."""
        program = shutil.which("flite")
        if program is None:
            raise SpeechEngineError("the program flite is not installed")
        self._program = program
        self.version = self._run("--version").split("version:")[-1].split("(")[0].strip()
        listed = self._run("-lv").partition(":")[2].split()
        self.voices = tuple(sorted(set(listed) - _UNSUITABLE))
        if not self.voices:
            raise SpeechEngineError(f"{program} has no voices")

    def licenses(self, settings: VoiceSettings) -> Mapping[str, str]:
        return {settings.voice: LICENSE}

    def draw(self, rng: np.random.Generator) -> VoiceSettings:
        return VoiceSettings(
            self.name,
            voice=str(rng.choice(self.voices)),
            accent="en-us",
            speed=round(rng.uniform(0.8, 1.3), 3),
            pitch=round(rng.uniform(0.88, 1.15), 3),
            punctuation=str(rng.choice((".", "?", ""))),
        )

    def speak(self, utterance: Utterance, settings: VoiceSettings) -> Waveform:
        # Resampling raises pitch and speed together; the stretch leaves the speed that was asked for.
        stretch = f"duration_stretch={settings.pitch / settings.speed:.4f}"
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "speech.wav"
            text = f"{utterance.text}{settings.punctuation}"
            self._run("-voice", settings.voice, "--setf", stretch, "-t", text, "-o", str(file))
            speech, rate = soundfile.read(file, dtype="float32")
        return np.asarray(soxr.resample(speech, rate * settings.pitch, SAMPLE_RATE), np.float32)

    def _run(self, *arguments: str) -> str:
        try:
            done = subprocess.run([self._program, *arguments], capture_output=True, text=True, timeout=_TIMEOUT)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise SpeechEngineError(f"flite fails: {error}; leave it out by --engine") from error
        # Its exit status means nothing after --version and -lv.
        if arguments[0] == "-voice" and done.returncode:
            reason = " ".join((done.stderr or done.stdout).split())
            raise SpeechEngineError(f"flite fails: {reason}; leave it out by --engine")
        return done.stdout
