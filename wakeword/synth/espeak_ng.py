"""espeak-ng as an engine: eight Englishes in a hundred variants, from formants; robotic, and always at hand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import soxr

from featurizer import SAMPLE_RATE
from wakeword.phrases.espeak import ACCENTS, espeak
from wakeword.phrases.phonemes import for_espeak
from wakeword.synth.voice import Manner, Saying, Wave

LICENCE = "GPL-3.0-or-later (the synthesiser; none on what it says)"

# Variants that whisper, growl or sound like a machine: nobody calls a device so.
_UNFIT = ("robo", "Robot", "whisper", "croak", "Demonic", "Tweaky", "Storm", "fast", "AnxiousAndy")
_WORDS_A_MINUTE = 165.0


class EspeakNg:
    """Every variant in every accent."""

    name = "espeak-ng"
    share = 1.0
    takes_phonemes = True

    def __init__(self) -> None:
        self.version = espeak().version

    @cached_property
    def voices(self) -> tuple[str, ...]:
        return tuple(_name(accent, variant) for accent in ACCENTS for variant in self._variants)

    def licences(self, manner: Manner) -> Mapping[str, str]:
        return {manner.voice: LICENCE}

    @cached_property
    def _variants(self) -> tuple[str, ...]:
        return tuple(name for name in espeak().variants if not any(unfit in name for unfit in _UNFIT))

    def draw(self, rng: np.random.Generator) -> Manner:
        accent, variant = str(rng.choice(list(ACCENTS))), str(rng.choice(self._variants))
        return Manner(
            self.name,
            voice=_name(accent, variant),
            accent=accent,
            speed=round(rng.uniform(0.75, 1.3), 3),
            settings={"variant": variant, "pitch": int(rng.integers(25, 80)), "range": int(rng.integers(20, 90))},
        )

    def speak(self, saying: Saying, manner: Manner) -> Wave:
        library = espeak()
        spoken = library.speak(
            for_espeak(saying.words(manner.accent)) if saying.ipa else saying.text,
            phonemes=bool(saying.ipa),
            accent=manner.accent,
            variant=str(manner.settings["variant"]),
            words_a_minute=_WORDS_A_MINUTE * manner.speed,
            pitch=float(manner.settings["pitch"]),
            pitch_range=float(manner.settings["range"]),
        )
        return np.asarray(soxr.resample(spoken.astype(np.float32) / 32768, library.rate, SAMPLE_RATE))


def _name(accent: str, variant: str) -> str:
    return f"{accent}-{variant}".replace(" ", "-")
