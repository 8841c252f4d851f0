"""Make one-second training clips of single words, in the folder layout of Speech Commands.

No clip carries noise: that is the work of the augmentation in training. The voices of the demo recording are
left out, so that the demo stays a test of speakers unheard.
"""

from __future__ import annotations

import argparse
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from demo_recording import VOICES as DEMO_VOICES
from phonemes import AMERICAN_AND_BRITISH, pronounce
from speak import ENGLISH, Speaker, cut_to_speech, is_british, to_16_khz

from featurizer import SAMPLE_RATE
from wakeword.dataset import keyword_set

FOREIGN_VOICES = (
    "ef_dora", "em_alex", "em_santa", "ff_siwis", "hm_psi", "im_nicola", "jf_nezumi", "jm_kumo",
    "pf_dora", "pm_alex", "pm_santa", "zm_yunjian", "zm_yunxi", "zm_yunyang",
)  # fmt: skip
"""Voices of other languages whose English a speech recogniser understood as well as the English voices'."""

FOREIGN_SHARE = 0.2
BLEND_SHARE = 0.5
MARKS = (".", "!", "?", ",", "")
SHORTEST_SECONDS, LONGEST_SECONDS = 0.2, 0.95
FAINTEST_PEAK = 0.05
MOST_ATTEMPTS = 20


@dataclass(frozen=True)
class Manner:
    """How one clip is spoken.

    first, second: voices whose styles are blended, `weight` of the first and the rest of the second.
    style_row: text length whose style is taken, in tokens; rows of longer texts sound more fluent.
    speed: of speaking, 1 is normal. pitch: of the voice, with its formants, 1 is as recorded.
    peak_db: of the clip, in dB of full scale. position: of the word within the free part of the clip, 0 to 1.
    """

    first: str
    second: str
    weight: float
    style_row: int
    mark: str
    speed: float
    pitch: float
    peak_db: float
    position: float

    @property
    def speaker(self) -> str:
        return self.first if self.first == self.second else f"{self.first}-{self.second}"


def draw_manner(voices: list[str], rng: np.random.Generator) -> Manner:
    """A manner of speaking, by an English voice or a blend of two in most clips."""
    english = [voice for voice in voices if voice.startswith(ENGLISH)]
    foreign = [voice for voice in voices if voice in FOREIGN_VOICES]
    first = str(rng.choice(foreign if rng.random() < FOREIGN_SHARE else english))
    blended = rng.random() < BLEND_SHARE
    return Manner(
        first=first,
        second=str(rng.choice(english)) if blended else first,
        weight=rng.uniform(0.5, 0.8),
        style_row=int(rng.integers(2, 40)),
        mark=str(rng.choice(MARKS)),
        speed=rng.uniform(0.75, 1.3),
        pitch=rng.uniform(0.92, 1.12),
        peak_db=rng.uniform(-15.0, -2.0),
        # A word's energy lies in its first half; placed late, it is centred as in recorded clips.
        position=rng.triangular(0.2, 0.75, 1.0),
    )


def speak(speaker: Speaker, word: str, manner: Manner) -> np.ndarray:
    """`word` in the given manner, cut to the spoken part: float32 [samples] at 16 kHz."""
    phonemes = pronounce(word, british=is_british(manner.first)) + manner.mark
    style = manner.weight * speaker.style(manner.first, manner.style_row)
    style += (1 - manner.weight) * speaker.style(manner.second, manner.style_row)
    # A raised pitch quickens the word; speed means the pace that is heard in the end.
    return cut_to_speech(to_16_khz(speaker.say(phonemes, style, manner.speed / manner.pitch), manner.pitch))


def is_sound(speech: np.ndarray) -> bool:
    """Whether `speech` is as long and as loud as a word is: at times the model breaks off or drones."""
    seconds = len(speech) / SAMPLE_RATE
    return SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS and np.abs(speech).max() >= FAINTEST_PEAK


def place(speech: np.ndarray, manner: Manner) -> np.ndarray:
    """A clip of one second, float32 [16000], with `speech` in it and silence around it."""
    clip = np.zeros(SAMPLE_RATE, np.float32)
    start = round(manner.position * (len(clip) - len(speech)))
    clip[start : start + len(speech)] = speech * (10 ** (manner.peak_db / 20) / np.abs(speech).max())
    return clip


def synthesise(speaker: Speaker, word: str, count: int, folder: Path, seed: int) -> None:
    """Write `count` clips of `word` into `folder`; those that an earlier run left there are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    voices = [voice for voice in speaker.voices if voice not in DEMO_VOICES]
    for number in range(count):
        if any(folder.glob(f"*_nohash_{number}.flac")):
            continue
        rng = np.random.default_rng((seed, zlib.crc32(word.encode()), number))
        manner, speech = first_sound(speaker, word, voices, rng)
        path = folder / f"{manner.speaker}_nohash_{number}.flac"
        soundfile.write(path, place(speech, manner), SAMPLE_RATE, subtype="PCM_16")


def first_sound(speaker: Speaker, word: str, voices: list[str], rng: np.random.Generator) -> tuple[Manner, np.ndarray]:
    """The first manner drawn in which `word` comes out sound, and its speech; RuntimeError if none does."""
    for _ in range(MOST_ATTEMPTS):
        manner = draw_manner(voices, rng)
        speech = speak(speaker, word, manner)
        if is_sound(speech):
            return manner, speech
    raise RuntimeError(f"{word!r} came out broken {MOST_ATTEMPTS} times in a row")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "words",
        nargs="*",
        default=keyword_set("google12").words,
        metavar="WORD",
        help="the google12 commands if left out",
    )
    parser.add_argument("--model", type=Path, required=True, help="the joined Kokoro model, see speak.py")
    parser.add_argument("--voices", type=Path, required=True, help="the folder of voices, see speak.py")
    parser.add_argument("--out", type=Path, required=True, help="folder that gets a folder of clips for each word")
    parser.add_argument("--count", type=int, default=200, help="clips for each word")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if unlisted := set(arguments.words) - set(AMERICAN_AND_BRITISH):
        parser.error(f"phonemes.py lists no pronunciation of {', '.join(sorted(unlisted))}")

    speaker = Speaker(arguments.model, arguments.voices)
    for word in arguments.words:
        synthesise(speaker, word, arguments.count, arguments.out / word, arguments.seed)
        print(f"{word}: {arguments.count} clips", flush=True)


if __name__ == "__main__":
    main()
