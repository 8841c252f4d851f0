"""Make the recording that the demo listens to: command words by several voices, in a quiet room.

Each of the ten command words is said at least once, with words between them that are no command.
"""

from __future__ import annotations

import argparse
import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from speak import Speaker

from featurizer import SAMPLE_RATE

VOICES = ("af_heart", "af_nova", "am_adam", "am_michael", "am_puck", "bf_emma", "bm_fable", "bm_george")
"""The speakers of the demo, of whom the shipped model was trained on no clip."""

SCRIPT = (
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


@dataclass(frozen=True)
class Label:
    word: str
    start_seconds: float
    end_seconds: float


@dataclass(frozen=True)
class Room:
    """Where and how the words are said; levels are RMS in dB of full scale before the peak is set."""

    interval_seconds: float = 1.5
    speech_db: float = -20.0
    noise_db: float = -58.0
    peak_db: float = -6.0
    seed: int = 1


def record(speaker: Speaker, room: Room) -> tuple[np.ndarray, list[Label]]:
    """The recording as float32 [samples] at 16 kHz, and a label for each word that is said in it."""
    interval = round(room.interval_seconds * SAMPLE_RATE)
    rng = np.random.default_rng(room.seed)
    recording = at_level(room_noise(interval * (len(SCRIPT) + 1), rng), room.noise_db)
    labels = []
    for index, (word, voice) in enumerate(SCRIPT):
        speech = at_level(speaker.say_word(word, voice), room.speech_db)
        start = interval * index + interval // 2 + int(rng.integers(interval // 10))
        recording[start : start + len(speech)] += speech
        labels.append(Label(word, start / SAMPLE_RATE, (start + len(speech)) / SAMPLE_RATE))
    return recording * (10 ** (room.peak_db / 20) / np.abs(recording).max()), labels


def room_noise(length: int, rng: np.random.Generator) -> np.ndarray:
    """Noise as of ventilation and a far street, float32 [length]: its power falls by 3 dB an octave."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    frequency = np.fft.rfftfreq(length, 1 / SAMPLE_RATE)
    # Microphones take up little below 40 Hz.
    spectrum *= np.where(frequency < 40, 0, 1 / np.sqrt(np.maximum(frequency, 40)))
    return np.fft.irfft(spectrum, length).astype(np.float32)


def at_level(audio: np.ndarray, level_db: float) -> np.ndarray:
    """`audio` scaled to an RMS of `level_db`, in dB of full scale."""
    return audio * np.float32(10 ** (level_db / 20) / np.sqrt(np.mean(audio**2)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, required=True, help="the joined Kokoro model, see speak.py")
    parser.add_argument("--voices", type=Path, required=True, help="the folder of voices, see speak.py")
    parser.add_argument("--out", type=Path, default=Path("wakeword/assets"), help="folder for demo.flac and .csv")
    arguments = parser.parse_args()

    recording, labels = record(Speaker(arguments.model, arguments.voices), Room())
    soundfile.write(arguments.out / "demo.flac", recording, SAMPLE_RATE, subtype="PCM_16")
    with (arguments.out / "demo.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("word", "start_seconds", "end_seconds"))
        writer.writerows((label.word, f"{label.start_seconds:.3f}", f"{label.end_seconds:.3f}") for label in labels)
    print(f"{len(recording) / SAMPLE_RATE:.1f} s with {len(labels)} words in {arguments.out / 'demo.flac'}")


if __name__ == "__main__":
    main()
