"""The user's choices: thresholds and refractory times of words, and the active model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from sqlalchemy import delete, insert, select

from service.store.database import Database
from service.store.tables import choices, words

_log = structlog.get_logger()


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

    def save(self, model: str, tunings: Mapping[str, Tuning]) -> None:
        """Store these words' settings. Those of other words stay."""
        rows = [
            {"model": model, "word": word, "threshold": tuning.threshold, "refractory": tuning.refractory}
            for word, tuning in tunings.items()
        ]
        with self._database.writing() as connection:
            connection.execute(delete(words).where(words.c.model == model, words.c.word.in_(list(tunings))))
            if rows:
                connection.execute(insert(words), rows)

    def active_model(self) -> str | None:
        """Return the model that was activated last, or None."""
        with self._database.reading() as connection:
            model = connection.execute(select(choices.c.value).where(choices.c.name == "model")).scalar()
        return model if isinstance(model, str) else None

    def activate(self, model: str) -> None:
        """Store a model as the active one."""
        with self._database.writing() as connection:
            connection.execute(delete(choices).where(choices.c.name == "model"))
            connection.execute(insert(choices).values(name="model", value=model))


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
