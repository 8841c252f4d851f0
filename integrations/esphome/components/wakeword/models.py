"""The models of a configuration, as C: exported by the package, or exported already by `wakeword export`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import esphome.config_validation as cv
from esphome.const import CONF_MODEL
from esphome.core import CORE

from .package import core_sources, need_package

CONF_THRESHOLDS = "thresholds"


@dataclass(frozen=True)
class Exported:
    """A header of C, and the name that begins its names: it defines `name_model` and `name_labels`."""

    name: str
    text: str


def exported(entry: dict[str, Any], name: str) -> Exported:
    """Return the model of an entry of `models:` or `commands:`, with its thresholds.

    name: begins the names of a model that is not in C yet.

    Raises cv.Invalid if there is no such model, or if it has no such word.
    """
    spec = entry[CONF_MODEL]
    path = Path(CORE.relative_config_path(spec))
    if path.suffix == ".h":
        return _read_header(path, entry)
    need_package()
    from wakeword.errors import WakewordError
    from wakeword.model.export_c import export_c
    from wakeword.model.pretrained import load_model, shipped_models

    try:
        model = load_model(str(path) if spec not in shipped_models() and path.exists() else spec)
        wanted = entry.get(CONF_THRESHOLDS, {})
        model = model.with_thresholds(wanted if isinstance(wanted, dict) else dict.fromkeys(model.keywords, wanted))
        return Exported(name, export_c(model, name))
    except WakewordError as error:
        raise cv.Invalid(str(error)) from error


def _read_header(path: Path, entry: dict[str, Any]) -> Exported:
    """Return a model that `wakeword export` has written. It needs no package."""
    try:
        text = path.read_text("utf-8", "replace")
    except OSError as error:
        raise cv.Invalid(f"{path} can't be read: {error.strerror}") from error
    identity = re.search(r"^#define (\w+)_MODEL_ID 0x[0-9a-f]{8}u$", text, re.M)
    if not identity:
        raise cv.Invalid(f"{path} is no model of `wakeword export MODEL --format c --name NAME --out DIR`")
    if CONF_THRESHOLDS in entry:
        raise cv.Invalid(f"{path} is exported with its thresholds; to change them, give the .safetensors file")
    return Exported(identity[1].lower(), text)


def check_model(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the entry. Raises as `exported`, and if the core is not here."""
    exported(entry, "wakeword")
    core_sources()
    return entry


def check_different(entries: list[dict[str, Any]]) -> None:
    """Raise cv.Invalid if a model is listed twice: each of its words would be an event twice."""
    specs = [entry[CONF_MODEL] for entry in entries]
    for spec in specs:
        if specs.count(spec) > 1:
            raise cv.Invalid(f"{spec} is listed twice; list each model once")
    headers = [(exported(entry, "").name, entry[CONF_MODEL]) for entry in entries if entry[CONF_MODEL].endswith(".h")]
    for name, spec in headers:
        if [name for name, _ in headers].count(name) > 1:
            raise cv.Invalid(f"{spec} has a name in C that another has too, {name}: export each with its own --name")


def thresholds(value: object) -> Any:
    """Return thresholds by word, or one for all words of the model, as fractions of one. Raises cv.Invalid."""
    if not isinstance(value, dict):
        return _threshold(value)
    words = {str(word): threshold for word, threshold in value.items()}
    if not words.keys().isdisjoint(("True", "False")):  # what YAML makes of a bare yes, no, on or off
        raise cv.Invalid('put the words of thresholds in quotes, as in "yes": 80%, or YAML reads them as true or false')
    return {word: _threshold(threshold) for word, threshold in words.items()}


def _threshold(value: object) -> float:
    try:
        number = float(cv.percentage(value))
    except cv.Invalid:
        number = 0.0
    if not 0 < number < 1:
        raise cv.Invalid(f"a threshold is between 0 and 1, as 0.8 or 80%, and {value} is not")
    return number
