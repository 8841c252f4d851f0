"""Open the database, SQLite or PostgreSQL, and migrate its tables.

SQLite is set up so that a committed transaction survives a power cut.
"""

from __future__ import annotations

import contextlib
import os
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

from wakeword.errors import DataError, UsageError
from wakeword.files import private_folder, private_opener

_MIGRATIONS = Path(__file__).parent.parent / "migrations"
_WRITE_LOCK = 0x77616B65  # number of the PostgreSQL advisory lock that serializes writers


class Database:
    """Connections for readers and for writers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        # SQLite's own wait for its lock polls; waiting for this lock doesn't.
        self._write_lock = contextlib.nullcontext() if engine.dialect.name != "sqlite" else threading.Lock()
        self._writers = engine.execution_options(writes=True)

    @property
    def shared(self) -> bool:
        """Return whether other hosts may write to the database too."""
        return self._engine.dialect.name != "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection for queries."""
        with self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open a transaction, which is on the disk when the block ends.

        Writers run one after the other, so ids rise in the order of commits.
        """
        with self._write_lock, self._writers.begin() as connection:
            if self.shared:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})"))
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def open_database(url: str) -> Database:
    """Connect to a database by its SQLAlchemy URL, and migrate its tables to the present version.

    Raises:
        UsageError: the URL is invalid, or its driver is missing.
        DataError: the database can't be reached or written to.
    """
    try:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        engine = create_engine(parsed, pool_pre_ping=True)
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine, parsed.database)
        database = Database(engine)
        _migrate(database)
    except ArgumentError as error:
        raise UsageError("--database takes postgresql://USER:PASSWORD@HOST/NAME or sqlite:///FILE") from error
    except ModuleNotFoundError as error:
        driver = f"--database needs the driver {error.name}, which is not installed"
        raise UsageError(f"{driver}; for PostgreSQL: pip install 'wakeword[postgres]'") from error
    except (DBAPIError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).strip()
        raise DataError(f"the database can't be opened: {reason}; check --database and --data") from error
    return database


def _prepare_sqlite(engine: Engine, path: str | None) -> None:
    if path and not path.startswith((":", "file:")):
        private_folder(Path(path).parent)
        os.close(private_opener(path, os.O_RDONLY | os.O_CREAT))  # SQLite gives its other files the mode of this one

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, record: Any) -> None:
        connection.isolation_level = None  # transactions begin at `begin`, not where sqlite3 guesses
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A writer locks at once: after a read it couldn't, if another writer came between.
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(database: Database) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with database.writing() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
