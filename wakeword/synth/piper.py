"""Piper as a speech engine, run by ONNX Runtime: one VITS network a voice, some with hundreds of speakers.

A voice is a file `NAME.onnx` with its settings in `NAME.onnx.json` and its licence in `MODEL_CARD`, both beside it.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from featurizer import SAMPLE_RATE
from wakeword.phrases.espeak import espeak, without_switches
from wakeword.phrases.language import EN_US, TONAL, Language
from wakeword.synth.voice import SpeechEngineError, Utterance, VoiceSettings, Waveform

_START, _END, _BETWEEN = "^", "$", "_"  # markers of the text's start and end, and after each phoneme
# Accents by the names that Piper has for espeak-ng's voices, where these differ.
_ACCENTS = {
    "en": "en-gb",
    "en-gb-x-rp": "en-gb-rp",
    "cmn": "zh",
    "vi-vn-x-central": "vi-central",
    "vi-vn-x-south": "vi-south",
}
_MAX_SHARE = 4.0


@dataclass(frozen=True, eq=False)
class _Voice:
    session: Any
    ids: Mapping[str, list[int]]  # of each symbol
    rate: int
    speakers: int
    accent: str
    license: str


class Piper:
    """Every voice of a folder that speaks a language."""

    name = "piper"

    def __init__(self, folder: Path, language: Language = EN_US) -> None:
        """Load the voices. Raises SpeechEngineError if there is none for the language, or if one is damaged."""
        files = sorted(folder.rglob("*.onnx")) if folder.is_dir() else []
        loaded = {file.stem: voice for file in files if (voice := _load(file, language)) is not None}
        if not loaded:
            raise SpeechEngineError(f"{folder} holds no Piper voice for {language.name}")
        self._voices = loaded
        self.accepts_phonemes = language.accent not in TONAL  # the voices know the tones as espeak-ng writes them
        self._speakers = [(name, number) for name, voice in loaded.items() for number in range(voice.speakers)]
        self.share = min(_MAX_SHARE, 0.5 * len(self._speakers))
        names = "".join(f"{file.name} {file.stat().st_size} " for file in files)
        self.version = hashlib.sha256(names.encode()).hexdigest()[:16]

    @property
    def voices(self) -> tuple[str, ...]:
        return tuple(f"{name}-{number}" for name, number in self._speakers)

    def licenses(self, settings: VoiceSettings) -> Mapping[str, str]:
        return {settings.voice: self._voices[str(settings.engine_settings["file"])].license}

    def draw(self, rng: np.random.Generator) -> VoiceSettings:
        name, number = self._speakers[int(rng.integers(len(self._speakers)))]
        return VoiceSettings(
            self.name,
            voice=f"{name}-{number}",
            accent=self._voices[name].accent,
            speed=round(rng.uniform(0.75, 1.3), 3),
            pitch=round(rng.uniform(0.92, 1.1), 3),
            punctuation=str(rng.choice((".", "!", "?", ""))),
            engine_settings={
                "file": name,
                "speaker": number,
                "noise": round(rng.uniform(0.4, 0.9), 3),  # variation of the timbre
                "rhythm": round(rng.uniform(0.5, 1.0), 3),  # variation of the phonemes' durations
            },
        )

    def speak(self, utterance: Utterance, settings: VoiceSettings) -> Waveform:
        own = settings.engine_settings
        voice = self._voices[str(own["file"])]
        ipa = utterance.ipa or without_switches(espeak().transcribe(utterance.text, settings.accent))
        ipa = unicodedata.normalize("NFD", ipa)
        ids = [*voice.ids[_START]]
        for symbol in ipa + settings.punctuation:
            ids += voice.ids.get(symbol, []) + voice.ids[_BETWEEN] * (symbol in voice.ids)
        ids += voice.ids[_END]
        # Resampling raises pitch and speed together; the second scale leaves the speed that was asked for.
        scales = [own["noise"], settings.pitch / settings.speed, own["rhythm"]]
        inputs = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array(scales, np.float32),
        }
        if voice.speakers > 1:
            inputs["sid"] = np.array([own["speaker"]], np.int64)
        (audio,) = voice.session.run(None, inputs)
        return np.asarray(soxr.resample(np.ravel(audio), voice.rate * settings.pitch, SAMPLE_RATE), np.float32)


def _load(file: Path, language: Language) -> _Voice | None:
    """Load a voice; return None if it is no Piper voice or speaks another language."""
    import onnxruntime

    settings = file.with_name(f"{file.name}.json")
    if not settings.is_file():
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        known = json.loads(settings.read_text("utf-8"))
        named = known["espeak"]["voice"].lower()
        accent = _ACCENTS.get(named, named)
        if accent not in language.accents:
            return None
        session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        speakers = max(1, int(known.get("num_speakers", 1)))
        rate = int(known["audio"]["sample_rate"])
        return _Voice(session, known["phoneme_id_map"], rate, speakers, accent, _license(file))
    except Exception as error:  # ONNX Runtime has a class of its own for each kind of damage
        raise SpeechEngineError(f"{file} is no Piper voice: {str(error).splitlines()[0]}; delete it") from error


def _license(file: Path) -> str:
    card = file.with_name("MODEL_CARD")
    found = re.search(r"licen[sc]e:\s*(.+)", card.read_text("utf-8"), re.IGNORECASE) if card.is_file() else None
    return found[1].strip() if found else "unknown: MODEL_CARD is missing"
