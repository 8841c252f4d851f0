"""The words of the active model as Wyoming names them, and those that a client requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from wyoming.info import Attribution, Info, WakeModel, WakeProgram

from service.detection.tuning import Setup
from service.wyoming.messages import encode
from service.wyoming.refused import Refused
from wakeword.data.keywords import comparable

_MAX_NAMES = 100  # that a client requests
_MAX_NAME = 200  # characters of a name that is looked up; no word is longer
_ATTRIBUTION = Attribution(name="wakeword", url="")


@dataclass(frozen=True)
class Requested:
    """The words that a client wants to hear of."""

    names: Mapping[str, str] | None = None  # by word, as the client has named it; None: any, under its own name
    unknown: list[str] = field(default_factory=list)  # names that no word of the model has

    @property
    def nothing(self) -> bool:
        """Return whether the model has none of them."""
        return self.names is not None and not self.names

    def name(self, word: str) -> str | None:
        """Return the name to report a word under, or None if it is not requested."""
        return word if self.names is None else self.names.get(word)


def requested(names: Sequence[str] | None, words: Sequence[str]) -> Requested:
    """Look up the names of a client among the words of a model.

    A name may differ from its word as spellings of a keyword do (`comparable`): in case, or in `_` for a space.
    """
    if not names:
        return Requested()
    by_key: dict[str, list[str]] = {}
    for word in words:
        by_key.setdefault(comparable(word), []).append(word)
    found: dict[str, str] = {}
    unknown: list[str] = []
    for name in names:
        matching = [name] if name in words else by_key.get(comparable(name), []) if len(name) <= _MAX_NAME else []
        if not matching:
            unknown.append(name)
        for word in matching:
            found.setdefault(word, name)
    return Requested(found, unknown)


def names_of(data: Mapping[str, Any]) -> list[str] | None:
    """Return the names of a `detect` message; None for any word.

    Raises:
        Refused: they are no list of texts, or too many.
    """
    names = data.get("names")
    if names is None:
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise Refused("bad-message", "the names of detect are a list of texts")
    if len(names) > _MAX_NAMES:
        raise Refused("bad-message", f"detect has at most {_MAX_NAMES} names; leave them out for all words")
    return names


def unknown_words(names: Sequence[str], words: Sequence[str]) -> str:
    """Return the line on names that no word has."""
    wrong = ", ".join(repr(name[:_MAX_NAME]) for name in names[:5]) + (", ..." if len(names) > 5 else "")
    return f"the active model has no word {wrong}; its words are {', '.join(words)}"


class InfoMessage:
    """The answer to `describe`, encoded once for each model."""

    def __init__(self) -> None:
        self._described: tuple[str, tuple[str, ...]] | None = None
        self._message = b""

    def of(self, setup: Setup) -> bytes:
        """Return the message on the words of a setup's model."""
        described = (setup.model_name, setup.model.keywords)
        if described != self._described:
            self._described, self._message = described, encode(_info(*described).event())
        return self._message


@lru_cache
def _version() -> str:
    return version("wakeword")


def _info(model_name: str, words: Sequence[str]) -> Info:
    """Return the words of a model, each as a model in Wyoming's sense."""
    models = [
        WakeModel(
            name=word,
            phrase=word,
            description=f"{word} ({model_name})",
            attribution=_ATTRIBUTION,
            installed=True,
            version=_version(),
            languages=["en"],
        )
        for word in words
    ]
    program = WakeProgram(
        name="wakeword",
        description="Keyword spotting in a few kilobytes",
        attribution=_ATTRIBUTION,
        installed=True,
        version=_version(),
        models=models,
    )
    return Info(wake=[program])
