"""The commands of google12 in the scripts of the world: a model that detects them in the demo recording."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path

from wakeword.model.file import Model, write_model
from wakeword.model.pretrained import load_model

# Latin with marks, Cyrillic, Greek, Arabic, Hebrew with points, Devanagari, Han, Hangul, Thai, kana.
WORDS = tuple(
    unicodedata.normalize("NFC", word)
    for word in (
        *("Nguyễn ơi", "привет ёлка", "καλημέρα Σοφός", "مرحبا يا نور", "שָׁלוֹם"),
        *("नमस्ते", "你好，小明", "안녕", "สวัสดี", "ガギグ"),
    )
)


def apart(word: str) -> str:
    """Return a word with its accents apart (NFD), as macOS names files."""
    return unicodedata.normalize("NFD", word)


def many_scripts() -> Model:
    """Return google12 with these words."""
    model = load_model("google12")
    labels = (*model.labels[: model.first_word], *WORDS)
    return replace(model, labels=labels, provenance={**model.provenance, "language": "mul"})  # of several languages


def write_apart(path: Path) -> Path:
    """Write the model with all accents apart, as another program may; return its path."""
    model = many_scripts()
    write_model(replace(model, labels=tuple(map(apart, model.labels))), path)
    return path
