"""What every speech engine offers: draw a manner of speaking, and speak in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import numpy.typing as npt

from wakeword.errors import WakewordError
from wakeword.phrases.espeak import espeak
from wakeword.phrases.phonemes import Words, parse

Wave = npt.NDArray[np.float32]


class CannotSpeak(WakewordError):
    """An engine that is not at hand, or that can't say what was asked for."""


@dataclass(frozen=True)
class Saying:
    """What is to be said: a text, or its phonemes in IPA where it is no word; the text then is its name."""

    text: str
    ipa: str = ""

    def words(self, accent: str) -> Words:
        """Its phonemes as they are said in one of `wakeword.phrases.espeak.ACCENTS`."""
        return parse(self.ipa or espeak().transcribe(self.text, accent))


@dataclass(frozen=True)
class Manner:
    """How one clip is spoken; with the saying, all that an engine needs, and what the cache knows a clip by.

    voice: as in file names; who speaks. accent: whose phonemes are read, of `wakeword.phrases.espeak.ACCENTS`.
    speed: of speaking, 1 is normal. pitch: of the voice, 1 is normal. mark: the punctuation that ends the phrase.
    settings: what only this engine knows.
    """

    engine: str
    voice: str
    accent: str
    speed: float
    pitch: float = 1.0
    mark: str = ""
    settings: Mapping[str, float | str] = field(default_factory=dict)


class Engine(Protocol):
    """A speech engine that is at hand."""

    name: str
    version: str  # changes whenever the same manner would sound otherwise
    share: float  # of the clips, against other engines' shares
    takes_phonemes: bool

    @property
    def voices(self) -> tuple[str, ...]:
        """The names of its voices, blends not counted."""

    def licences(self, manner: Manner) -> Mapping[str, str]:
        """The licence of each voice that is heard in a manner of speaking, by its name."""

    def draw(self, rng: np.random.Generator) -> Manner:
        """A manner of speaking, at random."""

    def speak(self, saying: Saying, manner: Manner) -> Wave:
        """The saying at 16 kHz, float32 (samples,), full scale 1, with what silence the engine puts around it."""
