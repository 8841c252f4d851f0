"""The models of a configuration, as C: exported by the package, or exported already by `wakeword export`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import esphome.config_validation as cv
from esphome.const import CONF_ID, CONF_MODEL
from esphome.core import CORE

from .package import core_sources, need_package

CONF_THRESHOLDS = "thresholds"
_DEFINED = re.compile(r"^#define (\w+)|^static const [^=]*?(\w+)(?:\[\d+\])? = ", re.M)  # names in a header


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


def exported_all(entries: list[dict[str, Any]]) -> list[Exported]:
    """Return the models of all entries, in order, those that are not in C yet by names of their own."""
    return [exported(entry, f"wakeword_{index}") for index, entry in enumerate(entries)]  # an id may be no name in C


def check_different(entries: list[dict[str, Any]]) -> None:
    """Raise cv.Invalid if a model is listed twice, whose words would be events twice, or if names in C clash."""
    specs = [entry[CONF_MODEL] for entry in entries]
    for spec in specs:
        if specs.count(spec) > 1:
            raise cv.Invalid(f"{spec} is listed twice; list each model once")
    models = exported_all(entries)
    names = [model.name for model in models]
    for spec, model in zip(specs, models, strict=True):
        if not spec.endswith(".h"):
            continue
        if names.count(model.name) > 1:
            raise cv.Invalid(
                f"{spec} has a name in C that another has too, {model.name}: export each with its own --name"
            )
        defined = {name for pair in _DEFINED.findall(model.text) for name in pair}
        for id in (entry[CONF_ID].id for entry in entries):
            if id in defined:
                raise cv.Invalid(f"the id {id} is a name in {spec}, too: choose another id")


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
