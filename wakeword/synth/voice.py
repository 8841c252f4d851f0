"""Define what every speech engine shares: utterance, voice settings, engine, clip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from featurizer.logmel import Samples
from wakeword.audio.files import read_audio
from wakeword.errors import WakewordError
from wakeword.phrases.inventory import pronounce, read_ipa
from wakeword.phrases.phonemes import Words
from wakeword.phrases.spoken import Spoken

Waveform = npt.NDArray[np.float32]


class SpeechEngineError(WakewordError):
    """Report a speech engine that is missing or damaged, or that can't speak an utterance."""


@dataclass(frozen=True)
class Utterance:
    """Something to speak: a text, or phonemes in IPA, which the text then only names."""

    text: str
    ipa: str = ""

    def words(self, accent: str) -> Words:
        """Return the phonemes in an accent of `wakeword.phrases.language.VOICES`."""
        return read_ipa(self.ipa, accent) if self.ipa else pronounce(self.text, accent)


def takes(phrase: str, spoken: Spoken, count: int) -> list[Utterance]:
    """Return `count` utterances of a phrase, each of its pronunciations equally often."""
    sayings = spoken.sayings(phrase)
    return [Utterance(*sayings[number % len(sayings)]) for number in range(count)]


@dataclass(frozen=True)
class VoiceSettings:
    """The voice and prosody of one clip. They decide, with the utterance, all that an engine needs.

    voice: the speaker, as in file names. accent: of `wakeword.phrases.language.VOICES`; the phonemes follow it.
    speed, pitch: relative to the voice's own. punctuation: the mark that ends the text, which sets the intonation.
    engine_settings: parameters of this engine alone.
    """

    engine: str
    voice: str
    accent: str
    speed: float
    pitch: float = 1.0
    punctuation: str = ""
    engine_settings: Mapping[str, float | str] = field(default_factory=dict)


class SpeechEngine(Protocol):
    """A speech engine that is installed."""

    name: str
    version: str  # changes whenever the same settings would sound different
    share: float  # of the clips, relative to the other engines' shares
    accepts_phonemes: bool

    @property
    def voices(self) -> tuple[str, ...]:
        """Return the names of the voices, without blends."""

    def licenses(self, settings: VoiceSettings) -> Mapping[str, str]:
        """Return the licence of each voice that the settings use, by its name."""

    def draw(self, rng: np.random.Generator) -> VoiceSettings:
        """Draw random settings."""

    def speak(self, utterance: Utterance, settings: VoiceSettings) -> Waveform:
        """Return the speech at 16 kHz, float32 (samples,), full scale 1, with the engine's silence around it."""


@dataclass(frozen=True)
class Clip:
    """One spoken clip.

    path: in the cache; FLAC, 16 kHz, mono, 16 bits, trimmed to the speech. ipa: the phonemes that were asked for.
    phonemes: their number.
    """

    path: Path
    utterance: Utterance
    settings: VoiceSettings
    ipa: str
    phonemes: int
    seconds: float

    def read(self) -> Samples:
        """Read the samples, int16 (n,).

        Raises:
            WakewordError: as `read_audio`.
        """
        return read_audio(self.path)
