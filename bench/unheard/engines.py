"""Speech engines that no training uses, and their voices of each language.

All are found at run time: Festival and RHVoice are programs, SVOX Pico and Open JTalk are Python packages that get an
environment of their own. Each writes the lines of a batch as WAV files.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import soundfile
import soxr

from bench.environments import interpreter
from featurizer import SAMPLE_RATE
from wakeword.errors import DataError, UsageError, WakewordError
from wakeword.synth.voice import Waveform

_BATCH = 100  # lines of one process
_PACKAGES = {"pico": "py-nanotts==0.1.1", "openjtalk": "pyopenjtalk-plus==0.4.1.post10"}


@dataclass(frozen=True)
class Voice:
    """A voice of an engine. encoding: of its text. has_speed: whether its speed can be set."""

    engine: str
    name: str
    encoding: str = "utf-8"
    has_speed: bool = True

    def __str__(self) -> str:
        return f"{self.engine}-{self.name}"


VOICES = {
    "de": [Voice("pico", "de-DE")],
    "fr": [Voice("pico", "fr-FR")],
    "es": [Voice("pico", "es-ES")],
    "it": [Voice("pico", "it-IT"), *(Voice("festival", f"{name}_diphone", "iso-8859-1") for name in ("lp", "pc"))],
    "cs": [Voice("festival", f"czech_{name}", "iso-8859-2") for name in ("dita", "machac", "krb", "ph")],
    "fi": [Voice("festival", f"{name}_diphone", "iso-8859-1") for name in ("suo_fi_lj", "hy_fi_mv")],
    "hi": [Voice("festival", "hindi_NSK_diphone")],
    "ca": [Voice("festival", "upc_ca_ona_hts", "iso-8859-15", has_speed=False)],
    "ru": [
        Voice("festival", "msu_ru_nsh_clunits", has_speed=False),
        *(Voice("rhvoice", name) for name in ("Aleksandr", "Anna", "Elena", "Irina")),
    ],
    "uk": [Voice("rhvoice", name) for name in ("Anatol", "Natalia")],
    "pt-br": [Voice("rhvoice", "Letícia-F123")],
    "ja": [Voice("openjtalk", "mei")],
}


@dataclass(frozen=True)
class Line:
    """What is said, and how: `speed` 1.1 is a tenth faster than the voice's own, `pitch` 1.1 a tenth higher.

    Pitch moves all that is in the voice, as if the speaker were smaller.
    """

    text: str
    voice: Voice
    speed: float
    pitch: float


class Engine(Protocol):
    """Writes the file N.wav of line N; a line that it fails at has no file."""

    def write(self, lines: Sequence[Line], folder: Path) -> None: ...


class Festival:
    """The program of Debian, with the voices of its packages festvox-..."""

    def __init__(self) -> None:
        self._program = _program("festival", "apt install festival")

    def write(self, lines: Sequence[Line], folder: Path) -> None:
        (voice,) = {line.voice for line in lines}
        script = [f"(voice_{voice.name})"]
        for number, line in enumerate(lines):
            file, text = folder / f"{number}.wav", line.text.replace("\\", " ").replace('"', " ")
            script.append(
                f"(Parameter.set 'Duration_Stretch {1 / _speed(line):.4f})"
                f'(unwind-protect (utt.save.wave (utt.synth (Utterance Text "{text}")) "{file}" \'riff) nil)'
            )
        path = folder / "lines.scm"
        path.write_text("\n".join(script), voice.encoding, errors="replace")
        done = _run(self._program, "-b", str(path))
        if f"unbound variable: voice_{voice.name}" in done.stderr:
            raise WakewordError(f"Festival lacks the voice {voice.name}: apt install the festvox package that has it")


class RHVoice:
    """The program RHVoice-test, with the voices that are installed."""

    def __init__(self) -> None:
        self._program = _program("RHVoice-test", "install RHVoice")

    def write(self, lines: Sequence[Line], folder: Path) -> None:
        for number, line in enumerate(lines):
            text = folder / "line.txt"
            text.write_text(line.text, "utf-8")
            options = ("-p", line.voice.name, "-r", str(round(100 * _speed(line))), "-i", str(text))
            _run(self._program, *options, "-o", str(folder / f"{number}.wav"))


class PythonPackage:
    """An engine in a Python environment of its own, which is made at first use."""

    def __init__(self, name: str, environments: Path) -> None:
        self._name = name
        self._python = interpreter(environments / name, [_PACKAGES[name], "numpy"])

    def write(self, lines: Sequence[Line], folder: Path) -> None:
        path = folder / "lines.json"
        path.write_text(json.dumps([(line.text, line.voice.name, _speed(line)) for line in lines]), "utf-8")
        done = _run(str(self._python), str(Path(__file__).with_name("worker.py")), self._name, str(path), str(folder))
        if done.returncode:
            reason = (done.stderr.strip() or "it printed nothing").splitlines()[-1]
            raise WakewordError(f"{self._name} failed: {reason}; remove {self._python.parents[1]} to install it anew")


def voices_of(code: str) -> list[Voice]:
    """Return the voices of a language. Raises UsageError if there is none."""
    if code not in VOICES:
        raise UsageError(f"no engine that training does not use speaks {code}; choose from {', '.join(VOICES)}")
    return VOICES[code]


def open_engine(name: str, environments: Path) -> Engine:
    """Find an engine. Raises WakewordError, with the way to install it, if it is missing."""
    if name == "festival":
        return Festival()
    return RHVoice() if name == "rhvoice" else PythonPackage(name, environments)


def speak(lines: Sequence[Line], engines: Mapping[str, Engine]) -> Iterator[tuple[Line, Waveform]]:
    """Yield lines with their speech, float32 at 16 kHz, voice by voice; a line that its engine fails at is left out.

    Raises WakewordError if an engine fails at all lines of a batch.
    """
    for voice in dict.fromkeys(line.voice for line in lines):
        own = [line for line in lines if line.voice == voice]
        for at in range(0, len(own), _BATCH):
            yield from _batch(own[at : at + _BATCH], engines[voice.engine])


def _batch(lines: Sequence[Line], engine: Engine) -> list[tuple[Line, Waveform]]:
    with tempfile.TemporaryDirectory() as folder:
        engine.write(lines, Path(folder))
        paths = [Path(folder) / f"{number}.wav" for number in range(len(lines))]
        spoken = [(line, _read(path, line.pitch)) for line, path in zip(lines, paths, strict=True) if path.exists()]
    if not spoken:
        raise WakewordError(f"{lines[0].voice} says nothing; check its installation")
    return spoken


def _read(path: Path, pitch: float) -> Waveform:
    try:
        speech, rate = soundfile.read(path, dtype="float32")
    except soundfile.LibsndfileError as error:
        raise DataError(f"{path} can't be read: {error}") from error
    return np.asarray(soxr.resample(speech, rate * pitch, SAMPLE_RATE), np.float32)


def _speed(line: Line) -> float:
    """Return the speed to ask for: the change of pitch is a change of speed too."""
    return line.speed / line.pitch


def _program(name: str, install: str) -> str:
    if (program := shutil.which(name)) is None:
        raise WakewordError(f"the program {name} is not installed: {install}, or leave out its voices by --voice")
    return program


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=600)
