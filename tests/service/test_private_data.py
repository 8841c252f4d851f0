"""The data folder is its user's alone: closed from the start, and its files from the moment that they exist."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.delivery.webhook import webhook_secret
from service.sessions import Sessions
from service.store.database import open_database
from service.tokens import new_token, token_hash
from tests.service.live import running, settings
from tests.signals import demo
from tests.wakeword.terminal import refusal, started, wakeword
from wakeword.files import write_whole

_OTHERS = 0o077


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    """The umask of most systems, which lets others read new files."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are open to others at a moment when they are renamed or closed to them: too late."""
    late: list[str] = []

    def watched(name: str) -> None:
        original = getattr(os, name)

        def watch(path: str | Path, *args: object, **options: object) -> object:
            if os.stat(path).st_mode & _OTHERS:
                late.append(str(path))
            return original(path, *args, **options)

        monkeypatch.setattr(os, name, watch)

    for name in ("chmod", "replace", "rename"):
        watched(name)
    return late


def _open_to_others(folder: Path) -> list[str]:
    found = [folder, *folder.rglob("*")]
    return [str(path) for path in found if stat.S_IMODE(path.stat().st_mode) & _OTHERS]


def _fill(folder: Path) -> None:
    """Let a service store all that it stores: token, sessions, secret, events, clips and feedback."""
    token = new_token(folder)
    chosen = settings(folder, token=True, clips=True, webhooks=("http://127.0.0.1:9/",))
    with running(chosen, token_hash(folder)) as live:
        live.http.headers["Authorization"] = f"Bearer {token}"
        with live.stream(additional_headers={"Authorization": f"Bearer {token}"}) as socket:
            socket.send(demo()[:48_000].astype("<i2").tobytes())
            socket.send('{"type": "end"}')
            assert any('"event"' in str(message) for message in socket)
        assert live.http.post("/api/events/1/verdict", json={"verdict": "right"}).status_code == 200
        assert live.http.post("/api/session", json={"token": token}).status_code == 204
        assert _open_to_others(folder) == []  # SQLite's -wal and -shm exist now
        assert {path.name for path in folder.rglob("*")} >= {"events.sqlite-wal", "events.sqlite-shm"}


_STORED = {"token.sha256", "sessions.json", "webhook.secret", "events.sqlite", "clips", "1.flac", "event-1.wav"}


def test_nothing_in_a_new_data_folder_was_ever_open_to_others(tmp_path: Path, opened: list[str]) -> None:
    folder = tmp_path / "data"
    _fill(folder)
    assert {path.name for path in folder.rglob("*")} >= _STORED
    assert opened == []


def test_a_data_folder_that_was_open_to_others_is_closed_at_the_start(tmp_path: Path) -> None:
    _fill(tmp_path)
    for path in (tmp_path, *tmp_path.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    with running(settings(tmp_path)):
        assert _open_to_others(tmp_path) == []


@pytest.mark.parametrize("write", [new_token, webhook_secret, lambda folder: Sessions(folder, "").open(0)])
def test_a_secret_is_closed_before_it_is_written(tmp_path: Path, opened: list[str], write: object) -> None:
    assert callable(write)
    write(tmp_path / "data")
    assert opened == [] and _open_to_others(tmp_path / "data") == []


def test_what_a_crash_left_of_a_secret_does_not_open_the_next(tmp_path: Path, opened: list[str]) -> None:
    left = tmp_path / f".secret.{os.getpid()}.part"
    left.write_bytes(b"half")
    write_whole(tmp_path / "secret", b"whole", private=True)
    assert opened == [] and _open_to_others(tmp_path / "secret") == []


def test_a_database_is_closed_before_anything_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    database = open_database(f"sqlite:///{folder / 'events.sqlite'}")
    with database.reading():
        assert _open_to_others(folder) == []
    database.close()


def test_the_command_closes_all_that_it_writes(tmp_path: Path) -> None:
    with started("serve", "--port", "0", "--no-microphone", "--data", str(tmp_path / "data")) as process:
        assert process.stderr is not None
        while b"http://" not in process.stderr.readline():
            pass
        assert "Umask:\t0077" in Path(f"/proc/{process.pid}/status").read_text()
        assert _open_to_others(tmp_path / "data") == []


def test_a_folder_of_all_users_is_refused(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    failed = wakeword("serve", "--port", "0", "--no-microphone", "--data", tmp_path)
    assert refusal(failed) == f"wakeword: {tmp_path} is a folder of all users; choose another"
