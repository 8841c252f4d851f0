"""The candidate that listens beside the models, and how long it has."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass

import structlog
from sqlalchemy import delete, func, insert, select

from service.store.database import Database
from service.store.tables import choices, events

_NAME = "candidate"  # of the choice
_log = structlog.get_logger()


@dataclass(frozen=True)
class Candidate:
    """A model that listens for a trial."""

    model: str
    since: float  # when it began, in seconds since 1970
    after: int  # id of the last event before it
    seconds: float = 0.0  # of all streams that it has listened to


class CandidateStore:
    """Reads and writes the candidate. There is one at most."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def current(self) -> Candidate | None:
        """Return the candidate, or None."""
        with self._database.reading() as connection:
            text = connection.execute(select(choices.c.value).where(choices.c.name == _NAME)).scalar()
        return None if text is None else _candidate(str(text))

    def begin(self, model: str, since: float) -> None:
        """Store a new candidate in place of the one before. since: seconds since 1970."""
        with self._database.reading() as connection:
            latest = connection.execute(select(func.max(events.c.id))).scalar() or 0
        self.save(Candidate(model, since, latest))

    def save(self, candidate: Candidate | None) -> None:
        """Store the candidate in place of the one before. None: there is none any more."""
        with self._database.writing() as connection:
            connection.execute(delete(choices).where(choices.c.name == _NAME))
            if candidate is not None:
                connection.execute(insert(choices), {"name": _NAME, "value": json.dumps(asdict(candidate))})


def _candidate(text: str) -> Candidate | None:
    """Return a stored candidate, or None if another program has written what is none."""
    try:
        found = Candidate(**json.loads(text))
        valid = (
            isinstance(found.model, str)
            and isinstance(found.after, int)
            and all(isinstance(it, (int, float)) and math.isfinite(it) for it in (found.since, found.seconds))
        )
    except (ValueError, TypeError, RecursionError):
        valid = False
    if valid:
        return found
    _log.error("the stored candidate is invalid and ends")
    return None
