"""The user's choices: thresholds and refractory times of words, and the models that listen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import delete, insert, select

from service.active_models import ActiveModels
from service.store.database import Database
from service.store.tables import choices, words
from wakeword.errors import UsageError

_log = structlog.get_logger()
_FIRST, _ALL = "model", "models"  # names of choices; versions that know one active model know the first only


@dataclass(frozen=True)
class Tuning:
    """A word's settings. None is the model's own."""

    threshold: float | None = None  # 0 to 1
    refractory: float | None = None  # seconds


MAX_REFRACTORY = 600.0  # seconds; a frame count of 16 bits holds at most 655


class WordStore:
    """Reads and writes settings by model and word."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def tunings(self, model: str) -> dict[str, Tuning]:
        """Return the settings of those words of a model that have any."""
        query = select(words.c.word, words.c.threshold, words.c.refractory).where(words.c.model == model)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return {word: _tuning(model, word, threshold, refractory) for word, threshold, refractory in rows}

    def save(self, tunings: Mapping[str, Mapping[str, Tuning]]) -> None:
        """Store words' settings, by model and word. Those of other words stay."""
        rows = [
            {"model": model, "word": word, "threshold": tuning.threshold, "refractory": tuning.refractory}
            for model, own in tunings.items()
            for word, tuning in own.items()
        ]
        with self._database.writing() as connection:
            for model, own in tunings.items():
                connection.execute(delete(words).where(words.c.model == model, words.c.word.in_(list(own))))
            if rows:
                connection.execute(insert(words), rows)

    def active(self) -> ActiveModels | None:
        """Return the models that were activated last, or None."""
        query = select(choices.c.name, choices.c.value).where(choices.c.name.in_([_FIRST, _ALL]))
        with self._database.reading() as connection:
            stored: dict[str, Any] = {row.name: row.value for row in connection.execute(query)}
        first = stored.get(_FIRST)
        return _active(first, stored.get(_ALL)) if isinstance(first, str) else None

    def activate(self, active: ActiveModels) -> None:
        """Store the models that listen."""
        values = {_FIRST: active.models[0], _ALL: json.dumps([active.models, active.commands])}
        with self._database.writing() as connection:
            connection.execute(delete(choices).where(choices.c.name.in_(list(values))))
            connection.execute(insert(choices), [{"name": name, "value": value} for name, value in values.items()])


def _active(first: str, text: object) -> ActiveModels:
    """Return the models of a stored choice, or the first alone if an older version has changed that since."""
    alone = ActiveModels((first,))
    if text is None:
        return alone
    try:
        models, commands = json.loads(str(text))
        if not all(isinstance(name, str) for name in [*models, *commands]):
            raise TypeError("a name is no text")
        active = ActiveModels(tuple(models), tuple(commands))
    except (ValueError, TypeError, RecursionError, UsageError) as error:
        _log.error("the stored choice of models is invalid; the first is used", first=first, reason=str(error))
        return alone
    return active if active.models[0] == first else alone


def _tuning(model: str, word: str, threshold: object, refractory: object) -> Tuning:
    """Return a row's settings. One that another program has written may hold anything; such a value counts as none."""
    return Tuning(
        _number(model, word, "threshold", threshold, 1.0),
        _number(model, word, "refractory", refractory, MAX_REFRACTORY),
    )


def _number(model: str, word: str, name: str, value: object, highest: float) -> float | None:
    if value is None or (isinstance(value, (int, float)) and 0 <= value <= highest):
        return value
    _log.error(
        "a stored setting is invalid; the model's own is used",
        model=model,
        word=word,
        name=name,
        value=repr(value)[:80],
    )
    return None
