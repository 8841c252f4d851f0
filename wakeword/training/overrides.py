"""`--set FIELD=VALUE`: fields of a `TrainConfig` by name and as text.

A field goes by its plain name (`hidden=64`) or by its dotted one (`cell.hidden=64`). Groups in between may be left out
if that is unambiguous (`masks.count=2`, `teacher.unknown=0.5`). The teacher and the convolution, which a training may
be without, have to be named.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from difflib import get_close_matches
from functools import reduce
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from wakeword.errors import UsageError
from wakeword.networks.config import check
from wakeword.ranges import ranges
from wakeword.training.config import TrainConfig

Part = TypeVar("Part")


def parse_settings(pairs: Iterable[str]) -> dict[str, str]:
    """Parse FIELD=VALUE texts into a mapping; the last value of a field counts.

    Raises UsageError for a text of another form.
    """
    settings = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name.strip() and equals and value.strip()):
            raise UsageError(f"{pair!r} is not of the form FIELD=VALUE")
        settings[name.strip()] = value.strip()
    return settings


def apply_settings(config: TrainConfig, settings: Mapping[str, str]) -> TrainConfig:
    """Return the configuration with each named field set to the value of its text.

    Flags are true or false; an absent part is none, and `default` one with the defaults of its fields; pairs and lists
    have colons between their values (`2:30`). The frames of a step follow from a convolution, and the cell's inputs
    from the frames of a step. Raises UsageError for an unknown or ambiguous field, a text that is not
    of the field's type, and a value outside the field's range.
    """
    bands, given = config.cell.mel_bands, set()
    for name, text in settings.items():
        path = field_path(config, name)
        given.add(".".join(path))
        config = _replaced(config, path, name, text)
    cell = config.cell
    if cell.convolution is not None and "cell.frames_per_step" not in given:
        cell = replace(cell, frames_per_step=cell.convolution.frames_per_step)
    if "cell.inputs" not in given:
        cell = replace(cell, inputs=bands * cell.frames_per_step)
    config = replace(config, cell=cell)
    check(cell)
    if config.stages.total < 1:
        raise UsageError("a training of no epochs learns nothing: give at least one of its stages an epoch")
    return config


def field_path(config: TrainConfig, name: str) -> list[str]:
    """Return the names of the groups that lead to a field, then its own name.

    Raises UsageError for an unknown or ambiguous field.
    """
    path: list[str] = []
    for own in name.split("."):
        part = reduce(getattr, path, config)
        if not is_dataclass(part):
            raise UsageError(f"{name}: {'.'.join(path)} is {part!r}, which has no field {own!r}")
        places = [place for place in _places(part) if place[-1] == own]
        if not places:
            raise UsageError(f"{name}: there is no field {own!r} to set; {_suggestion(part, own)}")
        if len(places[0]) > 1 and len(places) > 1:
            found = ", ".join(".".join([*path, *place]) for place in places)
            raise UsageError(f"{name}: there are several fields {own!r}; choose one of {found}")
        path += places[0]
    return path


def _suggestion(part: Any, own: str) -> str:
    """Return the way out of a field that isn't there: similar names, or else all of them."""
    names = [place[-1] for place in _places(part) if not is_dataclass(reduce(getattr, place, part))]
    similar = get_close_matches(own, names)
    return f"did you mean {' or '.join(similar)}?" if similar else f"choose one of {', '.join(names)}"


def _places(part: Any) -> Iterator[list[str]]:
    """Yield the paths to all fields of a dataclass and of its groups, those of the dataclass itself first."""
    yield from ([name] for name in _names(part))
    hints = get_type_hints(type(part))
    for name in _names(part):
        if is_dataclass(hints[name]):
            yield from ([name, *path] for path in _places(getattr(part, name)))


def _names(part: Any) -> list[str]:
    return [field.name for field in fields(part)]


def _replaced(part: Part, path: list[str], name: str, text: str) -> Part:
    """Return a dataclass with the field at `path` set; `name` is the user's name for it."""
    own, *rest = path
    if rest:
        value = _replaced(getattr(part, own), rest, name, text)
    else:
        value = _parsed(get_type_hints(type(part))[own], name, text)
        allowed = ranges(type(part)).get(own)
        if allowed:
            allowed.check(name, value)
    return replace(part, **{own: value})  # type: ignore[type-var]


def _parsed(kind: Any, name: str, text: str) -> Any:
    """Parse a text as a value of a field's type."""
    choices = _choices(kind)
    if text.lower() == "none" and type(None) in choices:
        return None
    (kind, *_) = [choice for choice in choices if choice is not type(None)]
    if text.lower() == "default" and is_dataclass(kind) and isinstance(kind, type) and type(None) in choices:
        return kind()
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
        raise UsageError(f"{name} is a group of fields; set them one by one, as in {name}.FIELD=VALUE")
    return _number(kind, name, text)


def _choices(kind: Any) -> tuple[Any, ...]:
    """Return the types of `A | B`, or the one type."""
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
