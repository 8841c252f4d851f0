"""The studio on a full disk: one line says so, nothing is half stored, and deleting makes room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.service.live import Live, running, settings
from tests.service.small_disk import empty, fill, small_disk
from tests.spoken_rows import row, times, utterance
from wakeword.audio.files import encode

STUDIO = "/api/studio"
LOUD = encode(np.clip(utterance(60.0), -32_000, 32_000).astype(np.int16), "flac")  # 1.8 MB


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path) as disk:
        yield disk


@pytest.fixture
def live(disk: Path) -> Iterator[Live]:
    with running(settings(disk / "data")) as live:
        yield live


@pytest.fixture
def project(live: Live) -> str:
    return f"{STUDIO}/projects/{live.http.post(f'{STUDIO}/projects', json={'phrases': ['hey lumen']}).json()['id']}"


def stored(disk: Path) -> list[Path]:
    return [
        path for path in disk.rglob("*") if path.suffix in (".flac", ".json", ".part") and path.name != "project.json"
    ]


@pytest.mark.parametrize(
    ("place", "left"),
    [
        ("takes", 0),
        ("takes", 1 << 20),
        ("takes", 2 << 20),
        ("negatives", 0),
        ("negatives", 2 << 20),
        ("inbox", 1 << 20),
    ],
)
def test_a_recording_for_which_there_is_no_room_is_refused_whole(
    live: Live, project: str, disk: Path, place: str, left: int, capfd: pytest.CaptureFixture[str]
) -> None:
    path = f"{STUDIO}/inbox" if place == "inbox" else f"{project}/{place}"
    (disk / "room").write_bytes(bytes(left))
    fill(disk)
    (disk / "room").unlink()

    once = {"Connection": "close"}  # the rest of a refused body would be in the way of the next request
    answer = live.http.post(path, content=LOUD, params={"cut": False}, headers=once)

    assert answer.status_code == 507, answer.text
    assert answer.json()["detail"] == "the disk is full; make room on the service's computer, then try again"
    assert stored(disk) == []
    assert "Traceback" not in capfd.readouterr().err
    empty(disk)
    assert live.http.post(path, content=LOUD, params={"cut": False}).status_code == 201


def test_takes_can_be_deleted_from_a_full_disk(live: Live, project: str, disk: Path) -> None:
    made = live.http.post(f"{project}/takes", content=encode(row(times(3)), "flac")).json()["takes"]
    fill(disk)
    patched = live.http.patch(f"{project}/takes/{made[0]['id']}", json={"begin": 0.5})
    assert patched.status_code == 507
    assert len(live.http.get(f"{project}/takes").json()) == 3
    for take in made:
        assert live.http.delete(f"{project}/takes/{take['id']}").status_code == 204
    assert stored(disk) == []
