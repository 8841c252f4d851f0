"""Opening the database: SQLite that survives a power cut, or PostgreSQL; its tables brought up to date."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from wakeword.errors import WakewordError

_MIGRATIONS = Path(__file__).parent.parent / "migrations"
_LOCK = 0x77616B65  # the number of PostgreSQL's lock that puts writers in a row


class Database:
    """Connections for readers and for writers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # SQLite's own wait for its lock looks again now and then; this one is woken.
        self._turn = contextlib.nullcontext() if engine.dialect.name != "sqlite" else threading.Lock()
        self._writers = engine.execution_options(writes=True)

    @property
    def shared(self) -> bool:
        """Whether other hosts may write to it too."""
        return self._engine.dialect.name != "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction, on the disk when the block ends. Writers follow each other, so ids rise as they commit."""
        with self._turn, self._writers.begin() as connection:
            if self.shared:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            yield connection

    def close(self) -> None:
        self._engine.dispose()


def open_database(url: str) -> Database:
    """Connect, and bring the tables up to date.

    Raises:
        WakewordError: the URL is none, there is no such driver, or the database can't be reached or written to.
    """
    try:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        engine = create_engine(parsed, pool_pre_ping=True)
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine, parsed.database)
        database = Database(engine)
        _upgrade(database)
    except (ArgumentError, ModuleNotFoundError) as error:
        raise WakewordError(f"the database URL can't be used: {error}") from error
    except (DBAPIError, OSError) as error:
        reason = getattr(error, "orig", None) or error
        raise WakewordError(f"the database can't be opened: {reason}") from error
    return database


def _prepare_sqlite(engine: Engine, path: str | None) -> None:
    if path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None  # transactions begin where `begin` says, not where sqlite3 guesses
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer takes the lock at once: one that has read first can't have it any more if another came between.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _upgrade(database: Database) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
