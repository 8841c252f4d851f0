"""Open the database, SQLite or PostgreSQL, and migrate its tables.

SQLite is set up so that a committed transaction survives a power cut.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import structlog
from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from service.store.trouble import Unavailable, trouble_of
from wakeword.errors import DataError, UsageError
from wakeword.files import private_folder, private_opener

_MIGRATIONS = Path(__file__).parent.parent / "migrations"
_WRITE_LOCK = 0x77616B65  # number of the PostgreSQL advisory lock that serializes writers
_WAIT = 2.0  # seconds that a writer waits for others, in this process or outside
_LAST_WAIT = 0.2  # the same, while the service ends
_POSTGRES = {  # a network that was cut is noticed; a lock is waited for as long as in SQLite
    "connect_timeout": 5,
    "tcp_user_timeout": 10_000,
    "options": f"-c lock_timeout={1000 * _WAIT:.0f}",
}
_log = structlog.get_logger()


class Database:
    """Connections for readers and for writers.

    Both raise DBAPIError or OSError while the database can't be used; `service.store.trouble` tells why.
    """

    def __init__(self, url: URL, check_folder: Callable[[], None]) -> None:
        """Connect, and migrate the tables. Parameters and errors are those of `open_database`."""
        self._url = url
        self._check_folder = check_folder
        self._file = _file(url)
        self._wait = _WAIT
        # SQLite's own wait for its lock polls; waiting for this lock doesn't.
        self._write_lock = threading.Lock()
        self._connect()

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
        with self._turn():
            if self._is_lost():
                self._reconnect()
            with self._writers.begin() as connection:
                if self.shared:
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})"))
                yield connection
            if self._is_lost():  # the transaction went into a file without a name, and ends with this process
                raise Unavailable("the file of the database was removed")

    def probe(self) -> None:
        """Do nothing but what every writer does first. If the file was removed, begin a new one."""
        with self.writing():
            pass

    def hurry(self) -> None:
        """From now on, wait for other writers no longer than a moment: the service ends."""
        self._wait = _LAST_WAIT

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for the writers of this process. Other hosts wait in the database, and so do its own writers."""
        if self.shared:
            yield
            return
        if not self._write_lock.acquire(timeout=self._wait):
            raise Unavailable("the database is busy")
        try:
            yield
        finally:
            self._write_lock.release()

    def _connect(self) -> None:
        self._engine = create_engine(
            self._url,
            pool_pre_ping=True,
            pool_timeout=5,
            connect_args=_POSTGRES if self._url.get_backend_name() == "postgresql" else {},
        )
        if self._engine.dialect.name == "sqlite":
            self._prepare_sqlite()
        self._writers = self._engine.execution_options(writes=True)
        self._identity = self._present_identity()
        _migrate(self._writers)

    def _reconnect(self) -> None:
        self._check_folder()
        self._engine.dispose()
        self._connect()
        _log.error("the file of the database was removed or replaced; what is there now is used", file=str(self._file))

    def _is_lost(self) -> bool:
        """Return whether the name of the file leads elsewhere by now, or nowhere."""
        return self._identity != self._present_identity()

    def _present_identity(self) -> tuple[int, int] | None:
        if self._file is None:
            return None
        try:
            status = self._file.stat()
        except FileNotFoundError:
            return None
        return status.st_dev, status.st_ino

    def _prepare_sqlite(self) -> None:
        if self._file is not None:
            private_folder(self._file.parent)
            if not self._file.exists():
                for leftover in (
                    "-wal",
                    "-shm",
                ):  # of a file that was removed; SQLite would put its pages into the new one
                    self._file.with_name(self._file.name + leftover).unlink(missing_ok=True)
            # SQLite gives its other files the mode of this one.
            os.close(private_opener(str(self._file), os.O_RDONLY | os.O_CREAT))

        @event.listens_for(self._engine, "connect")
        def configure(connection: sqlite3.Connection, record: Any) -> None:
            connection.isolation_level = None  # transactions begin at `begin`, not where sqlite3 guesses
            connection.text_factory = _as_text
            connection.execute(f"PRAGMA busy_timeout={1000 * self._wait:.0f}")
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(self._engine, "begin")
        def begin(connection: Connection) -> None:
            if not connection.get_execution_options().get("writes"):
                connection.exec_driver_sql("BEGIN")
                return
            connection.exec_driver_sql(f"PRAGMA busy_timeout={1000 * self._wait:.0f}")
            # A writer locks at once: after a read it couldn't, if another writer came between.
            connection.exec_driver_sql("BEGIN IMMEDIATE")


def open_database(url: str, check_folder: Callable[[], None] = lambda: None) -> Database:
    """Connect to a database by its SQLAlchemy URL, and migrate its tables to the present version.

    check_folder: makes the folder of the file again if both were removed, or raises OSError.

    Raises:
        UsageError: the URL is invalid, or its driver is missing.
        DataError: the database can't be reached or written to, is damaged, or is of a later version.
    """
    try:
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        return Database(parsed, check_folder)
    except (ArgumentError, TypeError) as error:  # TypeError: of a database in memory, which has no pool
        raise UsageError("--database takes postgresql://USER:PASSWORD@HOST/NAME or sqlite:///FILE") from error
    except ModuleNotFoundError as error:
        driver = f"--database needs the driver {error.name}, which is not installed"
        raise UsageError(f"{driver}; for PostgreSQL: pip install 'wakeword[postgres]'") from error
    except CommandError as error:
        raise DataError(
            "the database can't be opened: a later version of wakeword has written it; update wakeword, or choose "
            "another --data"
        ) from error
    except (SQLAlchemyError, OSError) as error:
        raise unusable(error) from error


def unusable(error: Exception) -> DataError:
    """Return the error of a database that can't be used from the start."""
    trouble = trouble_of(error)
    reason = trouble.reason if trouble is not None else " ".join(str(error).split())
    return DataError(f"the database can't be opened: {reason}; check --database and --data")


def _file(url: URL) -> Path | None:
    """Return the file of a SQLite database, or None if it is in memory or no SQLite."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database.startswith((":", "file:")):
        return None
    return Path(url.database)


def _as_text(data: bytes) -> str:
    """Decode text. What is no UTF-8, in a damaged file, makes no query fail."""
    return data.decode(errors="replace")


def _migrate(writers: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with writers.begin() as connection:
        if connection.dialect.name != "sqlite":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_WRITE_LOCK})"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
