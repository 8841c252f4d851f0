"""Databases that the tests of the store run on, a receiver of webhooks, and a service and a browser for a module."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

from service.store.clips import ClipFolder
from service.store.database import Database, open_database
from tests.service import postgres
from tests.service.live import Live, free_port, running, settings
from tests.service.receiver import Receiver

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    programs = postgres.programs()
    assert programs is not None, "PostgreSQL is missing: scripts/system-packages test installs it"
    with postgres.running(programs) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'events.sqlite'}"
    url: str = request.getfixturevalue("postgres_url")
    with create_engine(url.replace("postgresql:", "postgresql+psycopg:")).begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    return url


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = open_database(url)
    yield database
    database.close()


@pytest.fixture
def clips(tmp_path: Path) -> ClipFolder:
    """A folder of clips that isn't there yet."""
    return ClipFolder(tmp_path / "clips")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with closing(Receiver()) as receiver:
        yield receiver


@pytest.fixture(scope="module")
def port() -> int:
    """A port that is free, for the Wyoming server of a module's service."""
    return free_port()


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A service with an empty folder of data."""
    with running(settings(tmp_path_factory.mktemp("data"))) as live:
        yield live


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a microphone."""
    from bench.chromium import chromium  # which few of these tests need

    with chromium() as browser:
        yield browser
