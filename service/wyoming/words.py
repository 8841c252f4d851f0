"""The words of the models that listen as Wyoming names them, and those that a client requests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from wyoming.info import Attribution, Info, WakeModel, WakeProgram

from service.detection.setup import Setup, Word
from service.detection.tuning import TunedModel
from service.wyoming.messages import encode
from service.wyoming.refused import Refused
from wakeword.model.labels import comparable

_LANGUAGE = re.compile("[a-z]{2,3}(-[a-z0-9]{1,8}){0,3}", re.IGNORECASE)
_MAX_NAMES = 100  # that a client requests
_MAX_NAME = 200  # characters of a name that is looked up; no word is longer
_ATTRIBUTION = Attribution(name="wakeword", url="")


@dataclass(frozen=True)
class Requested:
    """The words that a client wants to hear of."""

    names: Mapping[Word, str] | None = None  # by word, as the client has named it; None: any, as `info` names it
    unknown: list[str] = field(default_factory=list)  # names that no word has

    @property
    def nothing(self) -> bool:
        """Return whether no model has any of them."""
        return self.names is not None and not self.names

    def name(self, word: Word, setup: Setup) -> str | None:
        """Return the name to report a word of a setup under, or None if it is not requested."""
        return setup.name_of(word) if self.names is None else self.names.get(word)


def requested(names: Sequence[str] | None, words: Sequence[Word]) -> Requested:
    """Look up the names of a client among the words of the models that listen.

    A name means the word of each model that has it, or of one model if it is the full name. It may differ as spellings
    of a keyword do (`comparable`): in case, or in `_` for a space.
    """
    if not names:
        return Requested()
    exact: dict[str, list[Word]] = {}
    by_key: dict[str, list[Word]] = {}
    for word in words:
        for spelling in (word.word, word.full_name):
            exact.setdefault(spelling, []).append(word)
            by_key.setdefault(comparable(spelling), []).append(word)
    found: dict[Word, str] = {}
    unknown: list[str] = []
    for name in names:
        matching = exact.get(name) or (by_key.get(comparable(name), []) if len(name) <= _MAX_NAME else [])
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


def unknown_words(names: Sequence[str], setup: Setup) -> str:
    """Return the line on names that no word of a setup has."""
    wrong = ", ".join(repr(name[:_MAX_NAME]) for name in names[:5]) + (", ..." if len(names) > 5 else "")
    known = ", ".join(map(setup.name_of, setup.words))
    if len(setup.parts) == 1:
        return f"the active model has no word {wrong}; its words are {known}"
    return f"the active models have no word {wrong}; their words are {known}"


class InfoMessage:
    """The answer to `describe`, encoded once for each setup."""

    def __init__(self) -> None:
        self._described: Setup | None = None
        self._message = b""

    def of(self, setup: Setup) -> bytes:
        """Return the message on the words of a setup."""
        if setup is not self._described:
            self._described, self._message = setup, encode(_info(setup).event())
        return self._message


@lru_cache
def _version() -> str:
    return version("wakeword")


def _language(part: TunedModel) -> str:
    """Return the language that a model was trained in, as its provenance tells; those that don't tell are English."""
    language = part.own.provenance.get("language")
    return language if isinstance(language, str) and _LANGUAGE.fullmatch(language) else "en"


def _info(setup: Setup) -> Info:
    """Return the words of all models, each as a model in Wyoming's sense. Home Assistant reads one program only."""
    commands = {part.name for part in setup.commands}
    languages = {part.name: _language(part) for part in setup.parts}
    models = [
        WakeModel(
            name=setup.name_of(word),
            phrase=word.word,
            description=f"{word.word} ({word.model}, after another word)" if word.model in commands else word.full_name,
            attribution=_ATTRIBUTION,
            installed=True,
            version=_version(),
            languages=[languages[word.model]],
        )
        for word in setup.words
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
