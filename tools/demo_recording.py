"""Make the demo recordings: words by several voices in a quiet room, and the times of the words.

    wakeword synth --fetch                # once: the voices, 121 MB
    python tools/demo_recording.py

In demo.flac every command word is spoken at least once, and words that are no commands lie between them. In
demo-wake.flac some commands follow a wake word, and some don't.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from featurizer import SAMPLE_RATE
from wakeword.audio.files import encode, to_int16
from wakeword.audio.level import FULL_SCALE, Wave, at_level
from wakeword.phrases.phonemes import for_kokoro
from wakeword.synth.trim import trim
from wakeword.synth.voice import SpeechEngine, Utterance, VoiceSettings
from wakeword.synth.voices import default_paths, open_engines

Script = tuple[tuple[str, str], ...]  # the words and their voices

COMMANDS: Script = (
    ("yes", "am_puck"),
    ("go", "af_nova"),
    ("left", "am_michael"),
    ("right", "bf_emma"),
    ("house", "bf_emma"),
    ("up", "am_adam"),
    ("down", "am_michael"),
    ("marvin", "af_heart"),
    ("on", "af_nova"),
    ("off", "bm_fable"),
    ("no", "bm_george"),
    ("seven", "bm_george"),
    ("yes", "am_michael"),
    ("stop", "am_michael"),
)
"""The model google12 was trained on no clip by these speakers."""

WAKE: Script = (
    ("stop", "am_michael"),
    ("computer", "af_heart"),
    ("right", "bf_emma"),
    ("house", "bf_emma"),
    ("yes", "am_puck"),
    ("marvin", "af_heart"),
    ("go", "af_nova"),
    ("computer", "am_michael"),
    ("stop", "am_michael"),
)
"""The model computer was trained on synthetic clips by these voices among others."""

UNSTRESSED = {"up": "ʌp"}  # stressed, its p would be released with a burst, as few speakers do


@dataclass(frozen=True)
class Label:
    """A word and its time in the recording."""

    word: str
    start_seconds: float
    end_seconds: float


@dataclass(frozen=True)
class Room:
    """The layout and levels of the recording; speech and noise are RMS in dBFS, before the peak is set."""

    interval_seconds: float = 1.5
    speech_db: float = -20.0
    noise_db: float = -58.0
    peak_db: float = -6.0
    seed: int = 1


def record(engine: SpeechEngine, script: Script, room: Room) -> tuple[Wave, list[Label]]:
    """Speak a script: float32 (samples,) at 16 kHz in the range of int16, and a label for each word."""
    interval = round(room.interval_seconds * SAMPLE_RATE)
    rng = np.random.default_rng(room.seed)
    recording = at_level(room_noise(interval * (len(script) + 1), rng), room.noise_db)
    labels = []
    for index, (word, voice) in enumerate(script):
        speech = at_level(speak(engine, word, voice), room.speech_db)
        start = interval * index + interval // 2 + int(rng.integers(interval // 10))
        recording[start : start + len(speech)] += speech
        labels.append(Label(word, start / SAMPLE_RATE, (start + len(speech)) / SAMPLE_RATE))
    peak = np.float32(FULL_SCALE * 10 ** (room.peak_db / 20))
    return recording * (peak / np.abs(recording).max()), labels


def speak(engine: SpeechEngine, word: str, voice: str) -> Wave:
    """Speak a word in the accent of a voice, unhurried and as a statement: float32 (samples,), trimmed."""
    british = voice.startswith("b")
    utterance = Utterance(word, UNSTRESSED.get(word, ""))
    settings = VoiceSettings(engine.name, voice, "en-gb" if british else "en-us", speed=1.0, punctuation=".")
    length = len(for_kokoro(utterance.words(settings.accent), british=british) + settings.punctuation)
    settings = replace(settings, engine_settings={"first": voice, "style": length})
    return trim(engine.speak(utterance, settings)).astype(np.float32)


def room_noise(length: int, rng: np.random.Generator) -> Wave:
    """Make noise like ventilation and a distant street, float32 (length,): its power falls by 3 dB an octave."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    frequency = np.fft.rfftfreq(length, 1 / SAMPLE_RATE)
    # Microphones pick up little below 40 Hz.
    spectrum *= np.where(frequency < 40, 0, 1 / np.sqrt(np.maximum(frequency, 40)))
    return np.fft.irfft(spectrum, length).astype(np.float32)


def main() -> None:
    """Parse, record and write both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kokoro", type=Path, help="folder of Kokoro's model and voices (default: the user's cache)")
    parser.add_argument("--out", type=Path, default=Path("wakeword/assets"), help="folder to write to")
    arguments = parser.parse_args()

    paths = default_paths()
    (engine,) = open_engines(["kokoro"], replace(paths, kokoro=arguments.kokoro or paths.kokoro), print)
    for name, script in (("demo", COMMANDS), ("demo-wake", WAKE)):
        write(*record(engine, script, Room()), arguments.out / name)


def write(recording: Wave, labels: list[Label], path: Path) -> None:
    """Write a recording as `path`.flac and its labels as `path`.csv."""
    path.with_suffix(".flac").write_bytes(encode(to_int16(recording), "flac"))
    with path.with_suffix(".csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("word", "start_seconds", "end_seconds"))
        writer.writerows((label.word, f"{label.start_seconds:.3f}", f"{label.end_seconds:.3f}") for label in labels)
    print(f"{len(recording) / SAMPLE_RATE:.1f} s with {len(labels)} words in {path.with_suffix('.flac')}")


if __name__ == "__main__":
    main()
