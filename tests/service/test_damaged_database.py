"""A damaged database: the service starts and works, or says in one line why not."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.service.live import Live, running, settings, words_of_demo
from tests.signals import demo
from wakeword.errors import WakewordError

WORDS = [word for word, _ in words_of_demo()]
_PAGE = 4096


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a service that has stored some events."""
    folder = tmp_path_factory.mktemp("sound")
    with running(settings(folder, webhooks=("http://127.0.0.1:9/nobody",))) as live:
        live.push(demo())
        live.http.patch("/api/words", json={WORDS[0]: {"threshold": 0.5}}).raise_for_status()
    return folder


@pytest.fixture
def file(sound: Path, tmp_path: Path) -> Path:
    """A copy of its database."""
    shutil.copy(sound / "events.sqlite", tmp_path)
    return tmp_path / "events.sqlite"


def _written(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as database, database:
        for statement in statements:
            database.execute(statement)


def _overwritten(file: Path, at: int, data: bytes) -> None:
    with file.open("r+b") as database:
        database.seek(at)
        database.write(data)


def _noise(file: Path, seed: int) -> None:
    dice = random.Random(seed)
    for page in range(1, file.stat().st_size // _PAGE):
        if dice.random() < 0.5:
            _overwritten(file, page * _PAGE, dice.randbytes(_PAGE))


def _as_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _log(file: Path, data: bytes) -> None:
    """Put a write-ahead log beside the file."""
    file.with_name("events.sqlite-wal").write_bytes(data)


_DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda file: file.write_bytes(b""),
    "text": lambda file: file.write_bytes(b"milk, eggs\n" * 1000),
    "half": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "torn in a page": lambda file: file.write_bytes(file.read_bytes()[:-1000]),
    "header of zeros": lambda file: _overwritten(file, 0, bytes(100)),
    "first page of zeros": lambda file: _overwritten(file, 100, bytes(_PAGE - 100)),
    "schema of noise": lambda file: _overwritten(file, 1000, random.Random(0).randbytes(_PAGE - 1000)),
    "a folder": _as_folder,
    "a log of noise": lambda file: _log(file, random.Random(0).randbytes(50_000)),
    "a log of another database": lambda file: _log(file, b"\x37\x7f\x06\x82" + bytes(50_000)),
    "a table is missing": lambda file: _written(file, "DROP TABLE choices"),
    "a column is missing": lambda file: _written(file, "ALTER TABLE events DROP COLUMN verdict"),
    "no version": lambda file: _written(file, "DELETE FROM alembic_version"),
    "two versions": lambda file: _written(file, "INSERT INTO alembic_version VALUES ('000')"),
    "a version of another kind": lambda file: _written(file, "UPDATE alembic_version SET version_num = x'00ff'"),
    **{f"pages of noise, {seed}": lambda file, seed=seed: _noise(file, seed) for seed in range(8)},  # type: ignore[misc]
}


@pytest.mark.parametrize("damage", _DAMAGES)
def test_a_damaged_database_is_reported_in_one_line_or_used(
    damage: str, file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    _DAMAGES[damage](file)
    try:
        with running(settings(file.parent)) as live:
            for path in ("/api/events", "/api/words", "/api/models", "/readyz"):
                answer = live.http.get(path)
                assert answer.status_code in (200, 503), answer.text
            assert live.http.patch("/api/words", json={WORDS[0]: {"threshold": 0.6}}).status_code in (200, 503)
            assert live.http.get("/healthz").status_code == 200
    except WakewordError as error:
        assert "database" in str(error) and "\n" not in str(error) and "sqlalche" not in str(error)
    assert "Traceback" not in capfd.readouterr().err


def test_a_database_of_a_later_version_is_left_alone_and_says_so(file: Path) -> None:
    _written(file, "UPDATE alembic_version SET version_num = '999'")
    before = file.read_bytes()
    refusal = r"^the database can't be opened: a later version of wakeword has written it; update wakeword"
    with pytest.raises(WakewordError, match=refusal), running(settings(file.parent)):
        pass
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("refractory", "-5"),
        ("refractory", "'long'"),
        ("refractory", "1e308"),
        ("refractory", "x'00ff'"),
        ("threshold", "'high'"),
        ("threshold", "-1"),
        ("threshold", "9e999"),
        ("word", "x'fffe'"),
    ],
)
def test_an_invalid_setting_of_a_word_counts_as_none(file: Path, column: str, value: str) -> None:
    _written(file, f"UPDATE words SET {column} = {value}")
    with running(settings(file.parent)) as live:
        mine = next(it for it in live.http.get("/api/words").json() if it["word"] == WORDS[0])
        assert mine["refractory"] == mine["model_refractory"]
        assert mine["threshold"] == (0.5 if column == "refractory" else mine["model_threshold"])
        told = live.push(demo())
        assert told[-1] == {"type": "end", "samples": len(demo())}
        live.http.patch("/api/words", json={WORDS[0]: {"threshold": 0.7}}).raise_for_status()


@pytest.mark.parametrize(
    ("column", "value"),
    [("at", "'noon'"), ("score", "x'00'"), ("frame", "'many'"), ("word", "x'fffe'"), ("clip_bytes", "'big'")],
)
def test_a_stored_row_that_is_no_event_is_skipped_and_hides_no_other(file: Path, column: str, value: str) -> None:
    _written(file, f"UPDATE events SET {column} = {value} WHERE id % 2 = 0")
    with running(settings(file.parent)) as live:
        listed = _pages(live)
        assert [number for number in listed if number % 2] == [
            number for number in range(len(WORDS), 0, -1) if number % 2
        ]
        assert live.http.get("/api/events/2").status_code in (200, 404)
        assert live.http.delete("/api/events/2").status_code == 204


def test_a_stored_model_of_another_kind_counts_as_none(file: Path) -> None:
    _written(file, "INSERT INTO choices VALUES ('model', x'00ff')")
    with running(settings(file.parent)) as live:
        assert [it["id"] for it in live.http.get("/api/models").json() if it["active"]] == ["google12"]


def test_a_delivery_that_holds_no_event_stops_no_other(file: Path, receiver: Any) -> None:
    _written(
        file,
        f"UPDATE deliveries SET target = '{receiver.url}', attempts = 'many'",
        "UPDATE deliveries SET due = 'never' WHERE id % 3 = 0",
    )
    with running(settings(file.parent, webhooks=(receiver.url,))):
        assert len({receiver.next().headers["webhook-id"] for _ in WORDS}) == len(WORDS)


def _pages(live: Live) -> list[int]:
    seen: list[int] = []
    cursor = None
    while True:
        page = live.http.get("/api/events", params={"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [event["id"] for event in page["events"]]
        if (cursor := page["next"]) is None:
            return seen
