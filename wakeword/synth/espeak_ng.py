"""espeak-ng as a speech engine: the accents of a language in 86 variants, robotic, installed with the synth extra."""

from __future__ import annotations

import weakref
from collections.abc import Mapping
from functools import cached_property
from queue import Empty, SimpleQueue

import numpy as np
import soxr

from featurizer import SAMPLE_RATE
from wakeword.phrases.espeak import espeak
from wakeword.phrases.inventory import in_espeak_notation
from wakeword.phrases.language import EN_US, Language
from wakeword.synth.espeak_process import EspeakProcess
from wakeword.synth.voice import Utterance, VoiceSettings, Waveform

LICENSE = "GPL-3.0-or-later (the synthesiser; none on what it says)"

# Variants that whisper, growl or sound like a machine: nobody speaks to a device like that.
_UNSUITABLE = ("robo", "Robot", "whisper", "croak", "Demonic", "Tweaky", "Storm", "fast", "AnxiousAndy")
_WORDS_PER_MINUTE = 165.0


class EspeakNg:
    """Every variant in every accent of a language."""

    name = "espeak-ng"
    share = 1.0
    accepts_phonemes = True

    def __init__(self, language: Language = EN_US) -> None:
        self._accents = tuple(language.accents)
        self.version = f"{espeak().version}, each clip alone"  # clips made before depend on what was spoken before them
        self._idle: SimpleQueue[EspeakProcess] = SimpleQueue()
        weakref.finalize(self, _close_all, self._idle)

    @cached_property
    def voices(self) -> tuple[str, ...]:
        return tuple(_name(accent, variant) for accent in self._accents for variant in self._variants)

    def licenses(self, settings: VoiceSettings) -> Mapping[str, str]:
        return {settings.voice: LICENSE}

    @cached_property
    def _variants(self) -> tuple[str, ...]:
        return tuple(name for name in espeak().variants if not any(part in name for part in _UNSUITABLE))

    def draw(self, rng: np.random.Generator) -> VoiceSettings:
        accent, variant = str(rng.choice(self._accents)), str(rng.choice(self._variants))
        return VoiceSettings(
            self.name,
            voice=_name(accent, variant),
            accent=accent,
            speed=round(rng.uniform(0.75, 1.3), 3),
            engine_settings={
                "variant": variant,
                "pitch": int(rng.integers(25, 80)),
                "range": int(rng.integers(20, 90)),
            },
        )

    def speak(self, utterance: Utterance, settings: VoiceSettings) -> Waveform:
        own, process = settings.engine_settings, self._take_process()
        speech = process.speak(
            text=in_espeak_notation(utterance.words(settings.accent), settings.accent)
            if utterance.ipa
            else utterance.text,
            phonemes=bool(utterance.ipa),
            accent=settings.accent,
            variant=str(own["variant"]),
            words_per_minute=_WORDS_PER_MINUTE * settings.speed,
            pitch=float(own["pitch"]),
            pitch_range=float(own["range"]),
        )
        self._idle.put(process)  # not one that has failed
        return np.asarray(soxr.resample(speech.astype(np.float32) / 32768, espeak().rate, SAMPLE_RATE))

    def _take_process(self) -> EspeakProcess:
        """Return a process that no other thread uses: one of an earlier clip, or a new one."""
        try:
            return self._idle.get_nowait()
        except Empty:
            return EspeakProcess()


def _close_all(processes: SimpleQueue[EspeakProcess]) -> None:
    while not processes.empty():
        processes.get_nowait().close()


def _name(accent: str, variant: str) -> str:
    return f"{accent}-{variant}".replace(" ", "-")
