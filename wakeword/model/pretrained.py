"""The models that come with the package, found by name, and their measured figures."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from wakeword.errors import ModelError
from wakeword.model.file import Model, read_model
from wakeword.text import composed

DEFAULT = "google12"  # command words, for files of single words and for a word that follows a wake word
WAKE_WORD = "computer"  # for a room where people talk
_ASSETS = Path(__file__).parents[1] / "assets"


def shipped_models() -> dict[str, Path]:
    """Return the files of the models that come with the package, by name: a space in it is _ in the file's."""
    return {path.stem.replace("_", " "): path for path in sorted(_ASSETS.glob("*.safetensors"))}


def uno_models() -> list[str]:
    """Return the names of the shipped models for an Arduino Uno, which `load_model` doesn't read."""
    return sorted(path.stem for path in (_ASSETS / "uno").glob("*.safetensors"))


def load_model(spec: str | None = None) -> Model:
    """Read the shipped model of this name, else the model file at this path; None is google12.

    Raises:
        ModelError: There is neither, or as `read_model`.
    """
    shipped = shipped_models()
    name = DEFAULT if spec is None else spec
    if name in shipped:
        return read_model(shipped[name])
    if name in uno_models():
        raise ModelError(
            f"{name} is a model for the Arduino Uno, which is another kind; for its source: "
            f"wakeword export {name} --format uno --out DIR"
        )
    path = Path(name)
    if not name or not os.path.exists(path):  # unlike Path.exists, False for a name that no file can have
        known = ", ".join(shipped) or "none"
        raise ModelError(f"there is no model {name!r}: give the path of a model file, or a shipped model: {known}")
    return read_model(path)


def model_name(spec: str | None = None) -> str:
    """Return the name of the model that `load_model` reads: that of a shipped model, or a file's without its suffix."""
    name = DEFAULT if spec is None else spec
    return name if name in shipped_models() else composed(Path(name).stem)


def figures(name: str) -> dict[str, Any]:
    """Return the measured figures of a shipped model, with their counts and commands; empty for any other model."""
    path = _ASSETS / "figures.json"
    measured: dict[str, dict[str, Any]] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return measured.get(name, {})
