"""A database that is locked or gone, a folder that is used already: what the user sees, and that nothing is lost."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.settings import Limits
from service.store.clips import ClipFolder
from service.store.database import open_database
from service.store.events import EventStore, Filter
from service.store.trouble import Unavailable
from tests.processes import started
from tests.service.live import Live, running, settings, words_of_demo
from tests.service.new_events import new_event
from tests.signals import ROOT, demo
from tests.waits import PATIENCE, until
from wakeword.errors import WakewordError

WORDS = [word for word, _ in words_of_demo()]


@contextmanager
def _locked(folder: Path, timeout: float = PATIENCE) -> Iterator[None]:
    """Another program locks the database for the length of the block."""
    with closing(sqlite3.connect(folder / "events.sqlite", isolation_level=None, timeout=timeout)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def _is_ready(live: Live) -> bool:
    return live.http.get("/readyz").status_code == 200


def _busy(answer: httpx.Response) -> bool:
    return (answer.status_code, answer.headers.get("retry-after")) == (503, "5")


def test_while_another_program_locks_the_database_changes_are_refused_and_events_wait(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with running(settings(tmp_path)) as live:
        number = next(it["event"]["id"] for it in live.push(demo()) if it["type"] == "event")
        told: list[dict[str, Any]] = []
        stream = threading.Thread(target=lambda: told.extend(live.push(demo())))
        with _locked(tmp_path):
            until(lambda: not _is_ready(live))
            assert "locked" in live.http.get("/readyz").json()["detail"]
            assert live.http.get("/healthz").status_code == 200
            assert _busy(live.http.patch("/api/words", json={WORDS[0]: {"threshold": 0.5}}))
            assert _busy(live.http.delete(f"/api/events/{number}"))
            assert live.http.get(f"/api/events/{number}").status_code == 200
            stream.start()
            until(lambda: live.http.get("/api/sources").json())
            assert told == []
        stream.join()
        until(lambda: _is_ready(live))
        assert [it["event"]["word"] for it in told if it["type"] == "event"] == WORDS
        assert live.http.delete(f"/api/events/{number}").status_code == 204
    assert "Traceback" not in capfd.readouterr().err


def test_a_service_ends_while_another_program_locks_the_database(tmp_path: Path) -> None:
    hook = "http://127.0.0.1:9/nobody"
    with ExitStack() as after:
        with running(settings(tmp_path, clips=True, webhooks=(hook, f"{hook}/2"))) as live:
            live.push(demo())
            after.enter_context(_locked(tmp_path))
        with pytest.raises(sqlite3.OperationalError, match="locked"), _locked(tmp_path, timeout=0):
            pass


def _removed(folder: Path) -> bool:
    """Remove a folder whose clips may be on their way. Return whether it is gone."""
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


def test_no_event_is_acknowledged_into_a_file_that_was_removed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(settings(data, clips=True)) as live:
        live.push(demo())
        data.rename(tmp_path / "gone")
        until(lambda: _removed(tmp_path / "gone"))
        told = [it["event"] for it in live.push(demo(), "name=later") if it["type"] == "event"]
        assert [event["word"] for event in told] == WORDS
        with closing(sqlite3.connect(data / "events.sqlite")) as database:
            kept = database.execute("SELECT id, word, frame FROM events").fetchall()
        assert kept == [(event["id"], event["word"], event["frame"]) for event in told]
        until(lambda: _is_ready(live))
        # the new folder is this service's, too
        with pytest.raises(WakewordError, match="another service"), running(settings(data)):
            pass


def test_a_transaction_that_a_removed_file_swallowed_is_reported_and_the_next_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "events.sqlite"
    database = open_database(f"sqlite:///{file}")
    store = EventStore(database, ClipFolder(tmp_path / "clips"))
    with pytest.raises(Unavailable, match="removed"), database.writing():
        file.unlink()
    (event,) = store.add([new_event()])
    database.close()
    again = open_database(f"sqlite:///{file}")
    assert EventStore(again, ClipFolder(tmp_path / "clips")).after(0, Filter(), 10) == [event]
    again.close()


def test_one_service_uses_a_folder_at_a_time(tmp_path: Path) -> None:
    with running(settings(tmp_path)):
        refusal = r"^another service uses \S+; end it, or choose another --data$"
        with pytest.raises(WakewordError, match=refusal), running(settings(tmp_path)):
            pass
    with running(settings(tmp_path)) as live:
        assert _is_ready(live)


def test_a_killed_service_leaves_its_folder_to_the_next(tmp_path: Path) -> None:
    holder = (
        "import sys, time\nfrom pathlib import Path\nfrom service.store.folder import DataFolder\n"
        "folder = DataFolder(Path(sys.argv[1]), 0)\nprint('held', flush=True)\ntime.sleep(1000)"
    )
    with started([sys.executable, "-c", holder, tmp_path], cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None and process.stdout.readline() == b"held\n"
        with pytest.raises(WakewordError, match="another service"), running(settings(tmp_path)):
            pass
    with running(settings(tmp_path)) as live:
        assert _is_ready(live)


def test_a_folder_that_cannot_be_written_to_is_reported_in_one_line() -> None:
    with pytest.raises(WakewordError) as refused, running(settings(Path("/proc/none"))):
        pass
    assert "\n" not in str(refused.value) and "/proc/none" in str(refused.value)


def test_the_number_of_clips_filed_for_training_is_limited(tmp_path: Path) -> None:
    chosen = settings(tmp_path, clips=True, limits=Limits(requests_per_second=1e4, burst=10_000, feedback_clips=2))
    with running(chosen) as live:
        told = [it["event"]["id"] for it in live.push(demo()) if it["type"] == "event"]
        answers = [live.http.post(f"/api/events/{it}/verdict", json={"verdict": "right"}) for it in told[:3]]
        assert [answer.status_code for answer in answers] == [200, 200, 507]
        assert "feedback holds 2 clips" in answers[2].json()["detail"]
        changed = live.http.post(f"/api/events/{told[0]}/verdict", json={"verdict": "wrong"})
        assert changed.json() == {"file": f"_unknown_/event-{told[0]}.wav"}
