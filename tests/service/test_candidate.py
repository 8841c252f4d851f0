"""A candidate listens beside the active model: what it raises is stored, and told only to those who ask for it."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import soundfile

from featurizer import SAMPLE_RATE
from service.store.events import Event
from service.studio.differences import differences
from tests.service.live import Live, running, settings, words_of_demo
from tests.service.new_events import NOON
from tests.service.receiver import Receiver
from tests.service.wake_models import SPOKEN, hard_of_hearing, wake_model
from tests.signals import demo
from wakeword.model.file import write_model
from wakeword.model.pretrained import load_model
from wakeword.projects.library import create_project
from wakeword.projects.runs import new_run

URL = "/api/studio/candidate"
WORDS = [word for word, _ in words_of_demo()]
OTHERS = [word for word in WORDS if word != SPOKEN]
HOURS = len(demo()) / SAMPLE_RATE / 3600


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with the models *deaf*, which misses a word of google12, *wake*, which has another, and *torn*."""
    write_model(hard_of_hearing(), tmp_path / "models/deaf.safetensors")
    write_model(wake_model(), tmp_path / "models/wake.safetensors")
    (tmp_path / "models/torn.safetensors").write_text("no model")
    return tmp_path


@pytest.fixture
def live(data: Path) -> Iterator[Live]:
    """A service with google12."""
    with running(settings(data, clips=True)) as live:
        yield live


def _begin(live: Live, model: str) -> dict[str, Any]:
    answer = live.http.put(URL, json={"model": model})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _activate(live: Live, *models: str, then: tuple[str, ...] = ()) -> None:
    live.http.put("/api/models/active", json={"models": models, "then": then}).raise_for_status()


def _differences(live: Live) -> dict[str, Any]:
    found: dict[str, Any] = live.http.get(f"{URL}/differences").json()
    return found


def _stored(live: Live, query: str = "") -> list[tuple[str, str]]:
    """Return model and word of the stored events, earliest first."""
    events = live.http.get(f"/api/events?limit=500&{query}").json()["events"]
    return [(event["model"], event["word"]) for event in reversed(events)]


def _active(live: Live) -> list[str]:
    return [it["id"] for it in live.http.get("/api/models").json() if it["active"]]


def _told(live: Live) -> list[tuple[str, str]]:
    """Push the demo recording; return model and word of each event that the stream is told of."""
    events = [message["event"] for message in live.push(demo()) if message["type"] == "event"]
    return [(event["model"], event["word"]) for event in events]


def test_its_events_are_stored_but_told_to_nobody_who_does_not_ask(data: Path, receiver: Receiver) -> None:
    with running(settings(data, webhooks=(receiver.url,))) as live:
        _begin(live, "deaf")
        active, candidate = (
            [(model, word) for word in words] for model, words in (("google12", WORDS), ("deaf", OTHERS))
        )
        assert _told(live) == active
        assert _stored(live) == active
        assert [it for it in _stored(live, "candidate=true") if it[0] == "deaf"] == candidate
        assert [json.loads(receiver.posted.get().body)["model"] for _ in active] == ["google12"] * len(active)
        for query, wanted in (("", active), ("candidate=true", [*active, *candidate])):
            with live.http.stream("GET", f"/api/events/live?after=0&{query}") as feed:
                lines = (line for line in feed.iter_lines() if line.startswith("data: "))
                events = [json.loads(next(lines)[6:]) for _ in wanted]
            assert sorted((it["model"], it["word"]) for it in events) == sorted(wanted)
        assert 'model="deaf"' not in live.http.get("/metrics").text
        assert {it["model"] for it in live.http.get("/api/words").json()} == {"google12"}
        assert receiver.posted.empty()


def test_a_stream_loses_nothing_when_it_comes_and_goes(live: Live) -> None:
    third = len(demo()) // 3
    with live.stream() as socket:
        for number, part in enumerate((demo()[:third], demo()[third : 2 * third], demo()[2 * third :])):
            if number == 1:
                _begin(live, "deaf")
            elif number == 2:
                live.http.delete(URL).raise_for_status()
            socket.send(part.astype("<i2").tobytes())
        socket.send('{"type": "end"}')
        messages = [json.loads(message) for message in socket]
    assert messages[-1] == {"type": "end", "samples": len(demo())}
    assert [it["event"]["word"] for it in messages if it["type"] == "event"] == WORDS


def test_an_upload_is_not_its_business(live: Live) -> None:
    _begin(live, "deaf")
    file = io.BytesIO()
    soundfile.write(file, demo(), 16_000, format="WAV")
    found = live.http.post("/api/detect", content=file.getvalue()).json()["events"]
    assert [(it["model"], it["word"]) for it in found] == [("google12", word) for word in WORDS]


def test_the_events_of_one_alone_are_listed_with_clip_and_verdict(live: Live, data: Path) -> None:
    begun = _begin(live, "deaf")
    assert (begun["model"], begun["rival"], begun["hours"]) == ("deaf", "google12", 0)
    live.push(demo())
    found = _differences(live)
    assert (found["both"], found["candidate_only"]) == (len(OTHERS), 0)
    assert found["rival_only"] == len(found["events"]) == WORDS.count(SPOKEN)
    assert {(it["by"], it["word"], it["source"]) for it in found["events"]} == {("rival", SPOKEN, "kitchen")}
    assert found["candidate"]["hours"] == pytest.approx(HOURS, abs=1e-4)
    _activate(live, "deaf")
    _begin(live, "google12")
    live.push(demo())
    found = _differences(live)
    assert (found["both"], found["candidate_only"], found["rival_only"]) == (len(OTHERS), WORDS.count(SPOKEN), 0)
    first, *_ = found["events"]
    assert (first["by"], first["model"]) == ("candidate", "google12")
    assert soundfile.read(io.BytesIO(live.http.get(first["clip"]).content))[0].any()
    filed = live.http.post(f"/api/events/{first['id']}/verdict", json={"verdict": "wrong"}).json()["file"]
    assert (data / "feedback" / filed).is_file()
    assert _differences(live)["events"][0]["verdict"] == "wrong"
    limited = live.http.get(f"{URL}/differences?limit=1").json()
    assert limited["events"] == [_differences(live)["events"][0]]


def test_only_what_came_since_it_began_is_compared(live: Live) -> None:
    _begin(live, "deaf")
    live.push(demo())
    assert live.http.delete(URL).status_code == 204
    assert live.http.get(URL).json() is None
    live.push(demo())
    _begin(live, "deaf")
    found = _differences(live)
    assert (found["both"], found["events"], found["candidate"]["hours"]) == (0, [], 0)
    assert len(_stored(live, "model=deaf&candidate=true")) == len(OTHERS)
    assert _stored(live, "model=deaf") == []


def test_it_is_taken_in_place_of_the_model_that_has_its_words(live: Live, data: Path) -> None:
    _activate(live, "digits10", "google12", then=("wake",))
    _begin(live, "deaf")
    taken = live.http.post(f"{URL}/take")
    assert {it["id"] for it in taken.json() if it["active"]} == {"digits10", "deaf"}
    assert [it["id"] for it in taken.json() if it["then"]] == ["wake"]
    assert live.http.get(URL).json() is None
    assert ("deaf", OTHERS[0]) in _told(live)
    assert ("deaf", OTHERS[0]) in _stored(live)


def test_one_without_a_rival_is_compared_with_none_and_taken_beside_the_others(live: Live) -> None:
    assert _begin(live, "wake")["rival"] is None
    live.push(demo())
    found = _differences(live)
    assert (found["both"], found["rival_only"], found["candidate_only"]) == (0, 0, WORDS.count(SPOKEN))
    live.http.post(f"{URL}/take").raise_for_status()
    assert set(_active(live)) == {"google12", "wake"}


def test_it_survives_a_restart_with_its_hours_and_so_does_what_was_taken(data: Path) -> None:
    chosen = settings(data)
    with running(chosen) as live:
        since = _begin(live, "deaf")["since"]
        live.push(demo())
    with running(chosen) as live:
        live.push(demo())
        found = _differences(live)
        assert found["candidate"]["since"] == since
        assert found["candidate"]["hours"] == pytest.approx(2 * HOURS, abs=1e-4)
        assert (found["both"], found["rival_only"]) == (2 * len(OTHERS), 2 * WORDS.count(SPOKEN))
        live.http.post(f"{URL}/take").raise_for_status()
    with running(chosen) as live:
        assert _active(live) == ["deaf"]
        assert live.http.get(URL).json() is None


def test_it_ends_when_its_file_is_gone_or_it_is_activated(data: Path) -> None:
    chosen = settings(data)
    with running(chosen) as live:
        _begin(live, "wake")
        _begin(live, "deaf")
    (data / "models/deaf.safetensors").unlink()
    with running(chosen) as live:
        assert live.http.get(URL).json() is None
        assert _told(live) == [("google12", word) for word in WORDS]
        _begin(live, "wake")
        _activate(live, "wake", "google12")
        assert live.http.get(URL).json() is None
        assert live.http.get(f"{URL}/differences").status_code == 404


def test_it_stays_while_other_models_come_and_go_and_words_are_tuned(live: Live) -> None:
    since = _begin(live, "deaf")["since"]
    live.http.patch("/api/words", json={OTHERS[0]: {"threshold": 1.0}}).raise_for_status()
    _activate(live, "digits10")
    now = live.http.get(URL).json()
    assert (now["model"], now["since"], now["rival"]) == ("deaf", since, None)
    assert _begin(live, "deaf")["since"] == since


@pytest.mark.parametrize(
    ("model", "status", "line"),
    [
        ("none", 404, "there is no model 'none'; GET /api/models lists them"),
        ("google12", 409, "the model google12 listens already; choose another for the candidate"),
        ("wake", 409, "the model wake listens already; choose another for the candidate"),
        ("torn", 422, "torn.safetensors"),
    ],
)
def test_a_model_that_cannot_be_one_is_refused_and_the_one_before_stays(
    live: Live, model: str, status: int, line: str
) -> None:
    _activate(live, "google12", then=("wake",))
    _begin(live, "deaf")
    answer = live.http.put(URL, json={"model": model})
    assert (answer.status_code, line in answer.json()["detail"]) == (status, True), answer.text
    assert live.http.get(URL).json()["model"] == "deaf"


@pytest.mark.parametrize("request_line", ["GET differences", "POST take"])
def test_without_one_there_is_nothing_to_compare_or_take(live: Live, request_line: str) -> None:
    method, path = request_line.split()
    answer = live.http.request(method, f"{URL}/{path}")
    assert answer.status_code == 404 and answer.json()["detail"].startswith("there is no candidate; ")


def test_no_more_models_are_taken_than_may_listen(live: Live, data: Path) -> None:
    names = [f"m{number}" for number in range(8)]
    for name in names:
        write_model(load_model("digits10"), data / f"models/{name}.safetensors")
    _activate(live, *names)
    _begin(live, "wake")
    answer = live.http.post(f"{URL}/take")
    assert answer.status_code == 422 and "9 models are too many" in answer.json()["detail"]
    assert live.http.get(URL).json()["model"] == "wake"


def test_the_model_of_a_run_is_one_unless_it_listens_already(live: Live, data: Path) -> None:
    project = create_project(data / "projects", {"phrases": ["hey lumen"]})
    done = new_run(project.folder)
    path = f"/api/studio/projects/{project.folder.name}/runs/1/candidate"
    assert live.http.post(path).status_code == 404
    write_model(hard_of_hearing(), done.model)
    done.mark("done")
    begun = live.http.post(path).json()
    assert begun["model"] == f"{project.folder.name}-1" and begun["rival"] == "google12"
    live.http.post(f"{URL}/take").raise_for_status()
    assert _active(live) == [begun["model"]]
    assert live.http.post(path).status_code == 409


def _event(number: int, by: str, time: float, **changes: Any) -> Event:
    """Return an event of the candidate *new*, or of its rival *old*."""
    values: dict[str, Any] = {
        "at": NOON + time,
        "source": "kitchen",
        "word": "yes",
        "score": 0.9,
        "time": time,
        "frame": 0,
    }
    return Event(**(values | changes), model=by, candidate="new", id=number)


@pytest.mark.parametrize(
    ("events", "both", "only"),
    [
        ([], 0, []),
        ([_event(1, "new", 5.0), _event(2, "old", 6.0)], 1, []),
        ([_event(1, "old", 5.0), _event(2, "new", 5.0)], 1, []),
        ([_event(1, "new", 5.0), _event(2, "old", 6.1)], 0, [1, 2]),
        ([_event(1, "new", 5.0), _event(2, "old", 5.0, word="no")], 0, [1, 2]),
        ([_event(1, "new", 5.0, word="Hey_Lumen"), _event(2, "old", 5.0, word="hey lumen")], 1, []),
        ([_event(1, "new", 5.0), _event(2, "old", 5.0, source="hall")], 0, [1, 2]),
        ([_event(1, "new", 5.0), _event(2, "old", 5.0, at=NOON + 3600)], 0, [1, 2]),
        ([_event(1, "new", 5.0), _event(2, "new", 5.7), _event(3, "old", 5.8)], 1, [2]),
        ([_event(1, "new", 1.0), _event(2, "old", 9.0), _event(3, "new", 9.2), _event(4, "old", 20.0)], 1, [1, 4]),
    ],
    ids=["none", "later", "at-once", "too-late", "word", "spelling", "source", "other-stream", "once-each", "in-order"],
)
def test_a_word_that_both_raise_within_a_second_is_no_difference(
    events: list[Event], both: int, only: list[int]
) -> None:
    found = differences(events[::-1])
    assert (found.both, [event.id for event in found.only]) == (both, only)
