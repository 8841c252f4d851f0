"""Piper's voices by ONNX Runtime: VITS networks, one file a voice, some of hundreds of speakers.

A voice is a file `NAME.onnx` with its settings in `NAME.onnx.json` beside it, and its licence in a `MODEL_CARD`.
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
from wakeword.phrases.espeak import espeak
from wakeword.synth.voice import CannotSpeak, Manner, Saying, Wave

_START, _END, _BETWEEN = "^", "$", "_"  # of a text, and what stands after each phoneme
_ACCENTS = {"en-us": "en-us", "en": "en-gb", "en-gb": "en-gb", "en-gb-x-rp": "en-gb-rp"}
_MOST_SHARE = 4.0


@dataclass(frozen=True, eq=False)
class _Voice:
    session: Any
    ids: Mapping[str, list[int]]  # of each symbol
    rate: int
    speakers: int
    accent: str
    licence: str


class Piper:
    """Every English voice of a folder."""

    name = "piper"
    takes_phonemes = True

    def __init__(self, folder: Path) -> None:
        """Raises CannotSpeak where the folder holds no English voice, or one that can't be loaded."""
        files = sorted(folder.rglob("*.onnx")) if folder.is_dir() else []
        loaded = {file.stem: voice for file in files if (voice := _load(file)) is not None}
        if not loaded:
            raise CannotSpeak(f"{folder} holds no English voice of Piper (NAME.onnx with NAME.onnx.json)")
        self._voices = loaded
        self._speakers = [(name, number) for name, voice in loaded.items() for number in range(voice.speakers)]
        self.share = min(_MOST_SHARE, 0.5 * len(self._speakers))
        names = "".join(f"{file.name} {file.stat().st_size} " for file in files)
        self.version = hashlib.sha256(names.encode()).hexdigest()[:16]

    @property
    def voices(self) -> tuple[str, ...]:
        return tuple(f"{name}-{number}" for name, number in self._speakers)

    def licences(self, manner: Manner) -> Mapping[str, str]:
        return {manner.voice: self._voices[str(manner.settings["file"])].licence}

    def draw(self, rng: np.random.Generator) -> Manner:
        name, number = self._speakers[int(rng.integers(len(self._speakers)))]
        return Manner(
            self.name,
            voice=f"{name}-{number}",
            accent=self._voices[name].accent,
            speed=round(rng.uniform(0.75, 1.3), 3),
            pitch=round(rng.uniform(0.92, 1.1), 3),
            mark=str(rng.choice((".", "!", "?", ""))),
            settings={
                "file": name,
                "speaker": number,
                "noise": round(rng.uniform(0.4, 0.9), 3),  # of the voice's timbre
                "rhythm": round(rng.uniform(0.5, 1.0), 3),  # noise of the phonemes' lengths
            },
        )

    def speak(self, saying: Saying, manner: Manner) -> Wave:
        voice = self._voices[str(manner.settings["file"])]
        ipa = unicodedata.normalize("NFD", saying.ipa or espeak().transcribe(saying.text, manner.accent))
        ids = [*voice.ids[_START]]
        for symbol in ipa + manner.mark:
            ids += voice.ids.get(symbol, []) + voice.ids[_BETWEEN] * (symbol in voice.ids)
        ids += voice.ids[_END]
        # A raised pitch quickens the word; speed means the pace that is heard in the end.
        scales = [manner.settings["noise"], manner.pitch / manner.speed, manner.settings["rhythm"]]
        inputs = {
            "input": np.array([ids], np.int64),
            "input_lengths": np.array([len(ids)], np.int64),
            "scales": np.array(scales, np.float32),
        }
        if voice.speakers > 1:
            inputs["sid"] = np.array([manner.settings["speaker"]], np.int64)
        (audio,) = voice.session.run(None, inputs)
        return np.asarray(soxr.resample(np.ravel(audio), voice.rate * manner.pitch, SAMPLE_RATE), np.float32)


def _load(file: Path) -> _Voice | None:
    """A voice, or None where it speaks another language or is none of Piper's."""
    import onnxruntime

    settings = file.with_name(f"{file.name}.json")
    if not settings.is_file():
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        known = json.loads(settings.read_text("utf-8"))
        accent = _ACCENTS.get(known["espeak"]["voice"])
        if accent is None:
            return None
        session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        speakers = max(1, int(known.get("num_speakers", 1)))
        rate = int(known["audio"]["sample_rate"])
        return _Voice(session, known["phoneme_id_map"], rate, speakers, accent, _licence(file))
    except Exception as error:  # ONNX Runtime has its own for each way in which a file can be wrong
        raise CannotSpeak(f"{file} is no voice of Piper: {str(error).splitlines()[0]}") from error


def _licence(file: Path) -> str:
    card = file.with_name("MODEL_CARD")
    found = re.search(r"licen[sc]e:\s*(.+)", card.read_text("utf-8"), re.IGNORECASE) if card.is_file() else None
    return found[1].strip() if found else "unknown: its model card is not here"
