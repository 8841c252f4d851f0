"""Fields of a `TrainConfig` by name and as text: what `--set FIELD=VALUE` means, on every command that takes it.

A field of the configuration itself, of its cell or of its stages goes by its plain name (`hidden=64`); those of its
other parts by a dotted one (`augmentation.snr_db=2:30`, `teacher.epochs=20`), which all may have.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from wakeword.errors import UsageError
from wakeword.networks.config import check
from wakeword.training.config import TrainConfig

_PLAIN = ("cell", "stages")  # parts whose fields need no dot, in the order they are looked for
_AT_MOST_ONE = frozenset(
    {"after_silence", "average", "density", "distillation", "label_smoothing", "weight_drop", "carry_probability"}
)
_AT_LEAST_ONE = frozenset(
    {
        "batch_size",
        "clips_per_word",
        "hidden",
        "inputs",
        "projection_interval",
        "rank_u",
        "rank_w",
        "reuse",
        "slope",
        "frames_per_step",
        "validation_interval",
    }
)

Part = TypeVar("Part")


def parse_settings(pairs: Iterable[str]) -> dict[str, str]:
    """FIELD=VALUE texts as a mapping; of a field that comes twice, the last counts.

    Raises UsageError for one that isn't of that form.
    """
    settings = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name.strip() and equals and value.strip()):
            raise UsageError(f"{pair!r} is not of the form FIELD=VALUE")
        settings[name.strip()] = value.strip()
    return settings


def apply_settings(config: TrainConfig, settings: Mapping[str, str]) -> TrainConfig:
    """The configuration with each named field set to the value that its text stands for.

    A number is itself, a flag true or false, nothing none, a range or a list its values with colons between them
    (`2:30`). With `frames_per_step` the cell's inputs follow. Raises UsageError, in one line, for a field that
    isn't there, a text that its type doesn't have, and a value that no training has a use for.
    """
    frames_per_step = config.cell.frames_per_step
    for name, text in settings.items():
        config = _replaced(config, _path(config, name), name, text)
    if config.cell.frames_per_step != frames_per_step and not {"inputs", "cell.inputs"} & set(settings):
        inputs = config.cell.inputs // frames_per_step * config.cell.frames_per_step
        config = replace(config, cell=replace(config.cell, inputs=inputs))
    check(config.cell)
    if config.stages.total < 1:
        raise UsageError("a training of no epochs learns nothing: give one of its stages an epoch at least")
    return config


def _path(config: TrainConfig, name: str) -> list[str]:
    """Where a field lies: its parts' names, then its own."""
    if "." in name or name in _names(config):
        return name.split(".")
    for part in _PLAIN:
        if name in _names(getattr(config, part)):
            return [part, name]
    known = [*_names(config), *(field for part in _PLAIN for field in _names(getattr(config, part)))]
    raise UsageError(f"there is no field {name!r} to set; choose one of {', '.join(sorted(known))}")


def _names(part: object) -> list[str]:
    return [field.name for field in fields(part)]  # type: ignore[arg-type]


def _replaced(part: Part, path: list[str], name: str, text: str) -> Part:
    """A dataclass with the field at `path` set; `name` is what the user calls it."""
    own, *rest = path
    if not is_dataclass(part) or isinstance(part, type):
        raise UsageError(f"{name}: what stands before {own!r} is {part!r}, which has no fields")
    if own not in _names(part):
        raise UsageError(f"{name}: there is no field {own!r}; choose one of {', '.join(_names(part))}")
    if rest:
        value = _replaced(getattr(part, own), rest, name, text)
    else:
        value = _parsed(get_type_hints(type(part))[own], name, text)
        _check_range(own, name, value)
    return replace(part, **{own: value})


def _parsed(kind: Any, name: str, text: str) -> Any:
    """What a text is as a value of a type; the types are those that the configuration's fields have."""
    choices = _choices(kind)
    if text.lower() == "none" and type(None) in choices:
        return None
    (kind, *_) = [choice for choice in choices if choice is not type(None)]
    if get_origin(kind) is tuple:
        return _parsed_list(get_args(kind), name, text)
    if get_origin(kind) is Literal:
        if text not in get_args(kind):
            raise UsageError(f"{name}: {text!r} is not one of {', '.join(get_args(kind))}")
        return text
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise UsageError(f"{name}: {text!r} is neither true nor false")
        return text.lower() == "true"
    if kind not in (int, float):
        raise UsageError(f"{name} is no single value; set its fields, as in {name}.FIELD=VALUE")
    return _number(kind, name, text)


def _choices(kind: Any) -> tuple[Any, ...]:
    """The types of `A | B`; of any other type that type alone."""
    return (kind,) if get_origin(kind) in (tuple, Literal) or not get_args(kind) else get_args(kind)


def _parsed_list(kinds: tuple[Any, ...], name: str, text: str) -> tuple[Any, ...]:
    texts = text.split(":")
    if kinds[-1] is Ellipsis:
        kinds = kinds[:1] * len(texts)
    if len(kinds) != len(texts):
        raise UsageError(f"{name}: {text!r} is not {len(kinds)} values with a colon between them")
    return tuple(_number(kind, name, one) for kind, one in zip(kinds, texts, strict=True))


def _number(kind: type[int] | type[float], name: str, text: str) -> int | float:
    try:
        value = kind(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"{name}: {text!r} is not a {'whole ' if kind is int else ''}number")
    return value


def _check_range(field: str, name: str, value: Any) -> None:
    """Refuse a single number that its field has no meaning for; a range may be of decibels, below zero."""
    if not isinstance(value, (int, float)) or field == "seed":
        return
    least = 1 if field in _AT_LEAST_ONE else 0
    if value < least:
        raise UsageError(f"{name}: {value} is less than {least}")
    if value > 1 and (field in _AT_MOST_ONE or field.endswith("_probability")):
        raise UsageError(f"{name}: {value} is more than 1")
    if field == "weight_drop" and value == 1:
        raise UsageError(f"{name}: with every weight dropped nothing is left to learn")
