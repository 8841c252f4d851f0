"""Kokoro-82M as a speech engine, run by ONNX Runtime: 54 voices, 42 of them for English, and blends of two.

It needs two things that are not in the package: the model, an ONNX file with the inputs tokens, style and speed; and
the voices, a folder of `NAME.bin` (float32, (510, 1, 256), a style for each text length) or one `.npz` file of such
arrays. `wakeword.synth.fetch` downloads both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soxr

from featurizer import SAMPLE_RATE
from wakeword.phrases.language import EN_US, Language
from wakeword.synth.kokoro_notation import NOTATION, TOKENS, kokoro_notation, voices_of
from wakeword.synth.voice import SpeechEngineError, Utterance, VoiceSettings, Waveform

RATE = 24_000
LICENSE = "Apache-2.0"

_STYLE_SIZE = 256
# Voices of other languages than English that speak others, too; a speech recogniser understood their English as well as
# the English voices'.
_FOREIGN = (
    "ef_dora", "em_alex", "em_santa", "ff_siwis", "hm_psi", "im_nicola", "jf_nezumi", "jm_kumo",
    "pf_dora", "pm_alex", "pm_santa", "zm_yunjian", "zm_yunxi", "zm_yunyang",
)  # fmt: skip
_FOREIGN_SHARE = 0.25
_GUESTS_SHARE = 0.5  # in other languages, which have fewer voices of their own
_BLEND_SHARE = 0.6
_SHARE, _SHARE_WITHOUT_OWN = 4.0, 2.0
_PUNCTUATION = (".", "!", "?", ",", "")
_STYLE_LENGTHS = (2, 40)  # text lengths whose styles are used; the shortest sound curt

_MAX_TOKENS = 510


class Kokoro:
    """The loaded model and its voices. Each clip takes one thread; several threads may call it at once."""

    name = "kokoro"
    accepts_phonemes = True

    def __init__(self, model: Path, voices: Path, language: Language = EN_US) -> None:
        """Load both. Raises SpeechEngineError if either is missing or something else."""
        import onnxruntime

        read = _read_styles(voices)
        if not voices_of(EN_US, list(read))[0]:
            raise SpeechEngineError(f"{voices} holds no English voices of Kokoro; delete it")
        self._language = language
        self.own, self.guests = voices_of(language, list(read))
        english = () if language.is_english else voices_of(EN_US, self.guests)[0]
        self.guests = [name for name in self.guests if name in english or name in _FOREIGN]
        self.share = _SHARE if self.own else _SHARE_WITHOUT_OWN
        self._styles = {name: read[name] for name in (*self.own, *self.guests)}
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session: Any = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime has a class of its own for each kind of damage
            raise SpeechEngineError(f"{model} can't be loaded: {str(error).splitlines()[0]}; delete it") from error
        if {entry.name for entry in self._session.get_inputs()} != {"tokens", "style", "speed"}:
            raise SpeechEngineError(
                f"{model} is no Kokoro model: it lacks the inputs tokens, style and speed; delete it"
            )
        self.version = _digest(model) if language.is_english else f"{_digest(model)}, notation {NOTATION}"

    @property
    def voices(self) -> tuple[str, ...]:
        return tuple(self._styles)

    def licenses(self, settings: VoiceSettings) -> Mapping[str, str]:
        return dict.fromkeys(settings.voice.split("+"), LICENSE)

    def draw(self, rng: np.random.Generator) -> VoiceSettings:
        share = _FOREIGN_SHARE if self._language.is_english else _GUESTS_SHARE if self.own else 1.0
        guest = bool(self.guests) and rng.random() < share
        first = str(rng.choice(self.guests if guest else self.own))
        second = str(rng.choice(self.own or self.guests)) if rng.random() < _BLEND_SHARE else first
        own: dict[str, float | str] = {"first": first, "style": int(rng.integers(*_STYLE_LENGTHS))}
        if second != first:
            own |= {"second": second, "weight": round(rng.uniform(0.5, 0.8), 3)}
        return VoiceSettings(
            self.name,
            voice=first if second == first else f"{first}+{second}",
            accent=self._accent(first, rng),
            speed=round(rng.uniform(0.75, 1.35), 3),
            pitch=round(rng.uniform(0.9, 1.15), 3),
            punctuation=str(rng.choice(_PUNCTUATION)),
            engine_settings=own,
        )

    def _accent(self, voice: str, rng: np.random.Generator) -> str:
        """Return the accent of a voice: British or American, as the voice is; else any of the language."""
        if self._language.code == "en-us":
            return "en-gb" if voice.startswith("b") else "en-us"
        return "en-gb" if self._language.is_english else str(rng.choice(list(self._language.accents)))

    def speak(self, utterance: Utterance, settings: VoiceSettings) -> Waveform:
        phonemes = kokoro_notation(utterance.words(settings.accent), settings.accent)
        tokens = [TOKENS[symbol] for symbol in phonemes + settings.punctuation]
        if len(tokens) > _MAX_TOKENS:
            size = f"{len(tokens)} symbols, {_MAX_TOKENS} at most"
            raise SpeechEngineError(f"{utterance.text!r} is too long for Kokoro ({size}); split it")
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": self._style(settings)[np.newaxis],
            # Resampling raises pitch and speed together; this leaves the speed that was asked for.
            "speed": np.array([settings.speed / settings.pitch], np.float32),
        }
        (audio,) = self._session.run(None, inputs)
        return np.asarray(soxr.resample(np.ravel(audio), RATE * settings.pitch, SAMPLE_RATE), np.float32)

    def _style(self, settings: VoiceSettings) -> npt.NDArray[np.float32]:
        own, row = settings.engine_settings, int(settings.engine_settings["style"])
        style = self._styles[str(own["first"])][row]
        if "second" not in own:
            return style
        weight = np.float32(own["weight"])
        return weight * style + (1 - weight) * self._styles[str(own["second"])][row]


def _read_styles(voices: Path) -> dict[str, npt.NDArray[np.float32]]:
    """Read the styles of each voice, float32 (text lengths, 256)."""
    try:
        if voices.is_dir():
            read = {path.stem: np.fromfile(path, "<f4") for path in voices.glob("*.bin")}
        else:
            with np.load(voices) as arrays:
                read = {name: arrays[name] for name in arrays.files}
        return {name: style.astype(np.float32).reshape(-1, _STYLE_SIZE) for name, style in read.items()}
    except (OSError, ValueError) as error:
        raise SpeechEngineError(f"{voices} holds no voices of Kokoro: {error}; delete it") from error


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()[:16]
