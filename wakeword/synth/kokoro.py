"""Kokoro-82M as a speech engine, run by ONNX Runtime: 42 voices and blends of two.

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
from wakeword.phrases.phonemes import for_kokoro
from wakeword.synth.voice import SpeechEngineError, Utterance, VoiceSettings, Waveform

RATE = 24_000
LICENSE = "Apache-2.0"

_STYLE_SIZE = 256
_ENGLISH = ("af_", "am_", "bf_", "bm_")  # American and British, female and male
# Voices of other languages; a speech recogniser understood their English as well as the English voices'.
_FOREIGN = (
    "ef_dora", "em_alex", "em_santa", "ff_siwis", "hm_psi", "im_nicola", "jf_nezumi", "jm_kumo",
    "pf_dora", "pm_alex", "pm_santa", "zm_yunjian", "zm_yunxi", "zm_yunyang",
)  # fmt: skip
_FOREIGN_SHARE = 0.25
_BLEND_SHARE = 0.6
_PUNCTUATION = (".", "!", "?", ",", "")
_STYLE_LENGTHS = (2, 40)  # text lengths whose styles are used; the shortest sound curt

# The token of each symbol that English needs.
TOKENS = {
    " ": 16, ",": 3, ".": 4, "!": 5, "?": 6, "ˈ": 156, "ˌ": 157, "ː": 158,
    "A": 24, "I": 25, "O": 31, "Q": 33, "W": 39, "Y": 41,
    "a": 43, "i": 51, "u": 63, "ɑ": 69, "ɒ": 71, "æ": 72, "ɔ": 76, "ə": 83, "ɛ": 86, "ɜ": 87, "ɪ": 102,
    "ʊ": 135, "ʌ": 138,
    "b": 44, "d": 46, "f": 48, "h": 50, "j": 52, "k": 53, "l": 54, "m": 55, "n": 56, "p": 58, "s": 61,
    "t": 62, "v": 64, "w": 65, "z": 68, "ð": 81, "ʤ": 82, "ɡ": 92, "ŋ": 112, "θ": 119, "ɹ": 123, "ɾ": 125,
    "ʃ": 131, "ʧ": 133, "ʒ": 147,
}  # fmt: skip
_MAX_TOKENS = 510


class Kokoro:
    """The loaded model and its voices. Each clip takes one thread; several threads may call it at once."""

    name = "kokoro"
    share = 4.0
    accepts_phonemes = True

    def __init__(self, model: Path, voices: Path) -> None:
        """Load both. Raises SpeechEngineError if either is missing or something else."""
        import onnxruntime

        read = _read_styles(voices)
        self._english = sorted(name for name in read if name.startswith(_ENGLISH))
        self._foreign = sorted(name for name in read if name in _FOREIGN)
        self._styles = {name: read[name] for name in (*self._english, *self._foreign)}
        if not self._english:
            raise SpeechEngineError(f"{voices} holds no English voices of Kokoro; delete it")
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
        self.version = _digest(model)

    @property
    def voices(self) -> tuple[str, ...]:
        return tuple(self._styles)

    def licenses(self, settings: VoiceSettings) -> Mapping[str, str]:
        return dict.fromkeys(settings.voice.split("+"), LICENSE)

    def draw(self, rng: np.random.Generator) -> VoiceSettings:
        foreign = bool(self._foreign) and rng.random() < _FOREIGN_SHARE
        first = str(rng.choice(self._foreign if foreign else self._english))
        second = str(rng.choice(self._english)) if rng.random() < _BLEND_SHARE else first
        own: dict[str, float | str] = {"first": first, "style": int(rng.integers(*_STYLE_LENGTHS))}
        if second != first:
            own |= {"second": second, "weight": round(rng.uniform(0.5, 0.8), 3)}
        return VoiceSettings(
            self.name,
            voice=first if second == first else f"{first}+{second}",
            accent="en-gb" if first.startswith("b") else "en-us",
            speed=round(rng.uniform(0.75, 1.35), 3),
            pitch=round(rng.uniform(0.9, 1.15), 3),
            punctuation=str(rng.choice(_PUNCTUATION)),
            engine_settings=own,
        )

    def speak(self, utterance: Utterance, settings: VoiceSettings) -> Waveform:
        phonemes = for_kokoro(utterance.words(settings.accent), british=settings.accent != "en-us")
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
