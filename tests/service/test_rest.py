"""The REST interface: events, clips, verdicts, uploads, words, models, monitoring, errors."""

from __future__ import annotations

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from service.settings import Limits
from tests.service.live import Live, running, settings, words_of_demo
from tests.signals import ROOT, demo
from tests.waits import until
from tests.wakeword.models import random_model
from wakeword.data.speech_commands import list_clips
from wakeword.model.file import write_model
from wakeword.model.pretrained import shipped_models

DEMO = (ROOT / "wakeword/assets/demo.flac").read_bytes()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_model(random_model(), folder / "models/other.safetensors")
    return folder


@pytest.fixture(scope="module")
def service(data: Path) -> Iterator[Live]:
    """A service that keeps clips and has processed the demo recording of the kitchen."""
    with running(settings(data, clips=True)) as live:
        live.push(demo())
        yield live


def _events(live: Live, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = live.http.get("/api/events", params=query).raise_for_status().json()["events"]
    return found


def _problem(answer: Any, status: int) -> str:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    body = answer.json()
    assert set(body) == {"type", "title", "status", "detail"} and body["status"] == status
    return str(body["detail"])


def test_the_events_of_a_stream_are_listed_latest_first(service: Live) -> None:
    listed = [(event["word"], event["frame"]) for event in _events(service, source="kitchen")]
    assert listed[::-1] == words_of_demo()


def test_pages_lead_to_the_last_event(service: Live) -> None:
    seen, cursor = [], None
    while True:
        query = {"limit": 4} | ({"cursor": cursor} if cursor else {})
        page = service.http.get("/api/events", params=query).json()
        seen += [event["id"] for event in page["events"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == [event["id"] for event in _events(service, limit=500)]


def test_events_are_filtered_by_word_and_time(service: Live) -> None:
    word, at = (_events(service)[0][key] for key in ("word", "at"))
    assert {event["word"] for event in _events(service, word=word)} == {word}
    assert _events(service, since=at + 3600) == []
    assert _events(service, until=at - 3600) == []


def test_a_clip_is_the_second_around_its_event_bit_for_bit(service: Live) -> None:
    event = _events(service, source="kitchen")[-1]
    url = f"/api/events/{event['id']}/clip"
    assert event["clip"] == url
    until(lambda: len(service.http.get(url, params={"format": "wav"}).content) == 44 + 2 * 16_000)  # it is whole
    end = event["frame"] * 160 + 400 + 3200
    for kind in ("flac", "wav"):
        answer = service.http.get(url, params={"format": kind})
        assert answer.headers["content-type"] == f"audio/{kind}"
        samples, rate = soundfile.read(io.BytesIO(answer.content), dtype="int16")
        assert rate == 16_000
        assert (samples == demo()[end - 16_000 : end]).all()


def test_a_wrong_event_is_filed_as_unknown_and_a_right_one_under_its_word(service: Live, data: Path) -> None:
    event = _events(service, source="kitchen")[-1]
    files = data / "feedback"
    for verdict, folder in (("wrong", "_unknown_"), ("right", event["word"])):
        answer = service.http.post(f"/api/events/{event['id']}/verdict", json={"verdict": verdict})
        assert answer.json() == {"file": f"{folder}/event-{event['id']}.wav"}
        assert service.http.get(f"/api/events/{event['id']}").json()["verdict"] == verdict
        assert [clip.word for clip in list_clips(files, "all")] == [folder]  # as training reads them


def test_simultaneous_verdicts_file_the_clip_once(service: Live, data: Path) -> None:
    event = _events(service, source="kitchen")[0]
    url = f"/api/events/{event['id']}"
    verdicts = ["right", "wrong"] * 10
    with ThreadPoolExecutor(4) as listeners:
        answers = list(listeners.map(lambda it: service.http.post(f"{url}/verdict", json={"verdict": it}), verdicts))
    assert [answer.status_code for answer in answers] == [200] * len(verdicts)
    last = service.http.get(url).json()["verdict"]
    (file,) = (data / "feedback").glob(f"*/event-{event['id']}.wav")
    assert file.parent.name == {"right": event["word"], "wrong": "_unknown_"}[last]


def test_a_deleted_event_is_gone_with_its_clip(service: Live) -> None:
    service.push(demo()[: 4 * 16_000], "name=attic")
    number = _events(service, source="attic")[0]["id"]
    assert service.http.delete(f"/api/events/{number}").status_code == 204
    for url in (f"/api/events/{number}", f"/api/events/{number}/clip"):
        _problem(service.http.get(url), 404)
    _problem(service.http.delete(f"/api/events/{number}"), 404)


def test_an_upload_returns_its_events_and_stores_none(service: Live) -> None:
    before = _events(service)[0]["id"]
    answer = service.http.post("/api/detect", content=DEMO).json()
    assert [(event["word"], event["frame"]) for event in answer["events"]] == words_of_demo()
    assert answer["seconds"] == len(demo()) / 16_000
    assert _events(service)[0]["id"] == before


def test_an_upload_whose_channels_cancel_out_is_heard_by_one_with_a_note(service: Live) -> None:
    file = io.BytesIO()
    soundfile.write(file, np.stack([demo(), -demo()], axis=1), 16_000, format="FLAC")
    answer = service.http.post("/api/detect", content=file.getvalue()).json()
    assert [event["word"] for event in answer["events"]] == [word for word, _ in words_of_demo()]
    assert answer["note"].startswith("the upload: the channels have opposite phase")


def test_an_upload_may_be_a_form(service: Live) -> None:
    form = {"file": ("../../etc/passwd", DEMO, "audio/flac")}  # the name is never used
    answer = service.http.post("/api/detect", files=form).json()
    assert [(event["word"], event["frame"]) for event in answer["events"]] == words_of_demo()
    _problem(service.http.post("/api/detect", files={"sound": ("a.flac", DEMO)}), 422)
    _problem(service.http.post("/api/detect", files={"file": ("a.flac", b"milk, eggs")}), 415)
    torn = {"content-type": "multipart/form-data; boundary=a"}
    _problem(service.http.post("/api/detect", content=b"milk, eggs", headers=torn), 400)


@pytest.mark.parametrize("body", [b"", b"milk, eggs", DEMO[:5000]])
def test_an_upload_that_is_no_audio_is_refused_without_a_path(service: Live, body: bytes) -> None:
    answer = service.http.post("/api/detect", content=body)
    assert "upload" in _problem(answer, 415)
    assert "/" not in answer.json()["detail"]


def test_an_upload_that_is_too_long_is_refused(tmp_path: Path) -> None:
    narrow = Limits(upload_bytes=100_000, upload_seconds=5)
    with running(settings(tmp_path, limits=narrow)) as live:
        _problem(live.http.post("/api/detect", content=bytes(100_001)), 413)
        _problem(live.http.post("/api/detect", content=iter([bytes(60_000)] * 2)), 413)  # of undeclared length
        silence = io.BytesIO()
        soundfile.write(silence, 0 * demo()[: 6 * 16_000], 16_000, format="FLAC")
        assert "5 seconds" in _problem(live.http.post("/api/detect", content=silence.getvalue()), 413)


@pytest.mark.parametrize("rate", [1, 4, 1_999, 768_001, 2**31 - 1])
def test_an_upload_that_claims_a_rate_that_no_audio_has_is_refused_before_it_is_decoded(
    service: Live, rate: int
) -> None:
    file = io.BytesIO()
    soundfile.write(file, np.zeros(32_000, np.int16), rate, format="WAV")
    assert f"claims {rate:,} samples a second" in _problem(
        service.http.post("/api/detect", content=file.getvalue()), 415
    )


@pytest.mark.parametrize(("form", "subtype"), [("FLAC", "PCM_16"), ("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III")])
def test_a_small_upload_of_a_long_silence_is_refused(tmp_path: Path, form: str, subtype: str) -> None:
    file = io.BytesIO()
    soundfile.write(file, np.zeros(60 * 16_000, np.int16), 16_000, format=form, subtype=subtype)
    assert len(file.getvalue()) < 300_000
    with running(settings(tmp_path, limits=Limits(upload_seconds=5))) as live:
        _problem(live.http.post("/api/detect", content=file.getvalue()), 413)


def test_an_upload_that_is_short_but_takes_long_to_decode_is_refused(tmp_path: Path) -> None:
    file = io.BytesIO()
    soundfile.write(file, np.zeros((96_000, 8), np.int16), 48_000, format="FLAC")
    with running(settings(tmp_path, limits=Limits(upload_seconds=2))) as live:
        detail = _problem(live.http.post("/api/detect", content=file.getvalue()), 413)
    assert "longer than 1 seconds (8 x 48,000 samples a second)" in detail


def test_the_settings_of_a_word_apply_at_once_and_survive_a_restart(tmp_path: Path) -> None:
    (word, _), *_ = words_of_demo()
    with running(settings(tmp_path)) as live:
        changed = live.http.patch("/api/words", json={word: {"threshold": 1, "refractory": 2.5}}).json()
        assert {it["word"]: it["refractory"] for it in changed}[word] == 2.5
        live.push(demo())
        assert word not in {event["word"] for event in _events(live)} != set()
    with running(settings(tmp_path)) as live:
        words = {it["word"]: it for it in live.http.get("/api/words").json()}
        assert (words[word]["threshold"], words[word]["refractory"]) == (1, 2.5)
        back = live.http.patch("/api/words", json={word: {"threshold": None}}).json()
        mine = next(it for it in back if it["word"] == word)
        assert (mine["threshold"], mine["refractory"]) == (mine["model_threshold"], 2.5)


def test_the_effect_of_a_threshold_covers_ended_streams_too(tmp_path: Path) -> None:
    (word, _), *_ = words_of_demo()
    spoken = [it for it, _ in words_of_demo()].count(word)
    with running(settings(tmp_path)) as live:
        for _ in range(2):
            live.push(demo())
        answer = live.http.get(f"/api/words/{word}/what-if", params={"threshold": 1}).json()
    assert (answer["events"], answer["now"]) == (0, 2 * spoken)
    assert answer["seconds"] >= len(demo()) // 16_000


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"maybe": {"threshold": 0.5}}, 404),
        ({"yes": {"threshold": 2}}, 422),
        ({"yes": {"volume": 11}}, 422),
        ({"yes": None}, 422),
        ([1], 422),
    ],
)
def test_invalid_settings_of_words_are_refused(service: Live, change: Any, status: int) -> None:
    before = service.http.get("/api/words").json()
    _problem(service.http.patch("/api/words", json=change), status)
    assert service.http.get("/api/words").json() == before


def test_an_activated_model_is_used_at_once_and_after_a_restart(tmp_path: Path) -> None:
    write_model(random_model(), tmp_path / "models/other.safetensors")
    with running(settings(tmp_path)) as live:
        listed = {it["id"]: it["active"] for it in live.http.get("/api/models").json()}
        assert listed == {name: name == "google12" for name in (*shipped_models(), "other")}
        assert live.http.post("/api/models/other/activate").json()["active"]
        live.push(demo(), "name=other")
        assert {event["model"] for event in _events(live, source="other")} == {"other"}
        _problem(live.http.post("/api/models/none/activate"), 404)
    with running(settings(tmp_path)) as live:
        assert {it["word"] for it in live.http.get("/api/words").json()} == set(random_model().keywords)
        live.http.post("/api/models/google12/activate").raise_for_status()


def test_a_damaged_model_is_listed_with_its_problem_and_not_activated(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models/torn.safetensors").write_bytes(b"torn")
    with running(settings(tmp_path)) as live:
        torn = next(it for it in live.http.get("/api/models").json() if it["id"] == "torn")
        assert "truncated or no model" in torn["problem"]
        _problem(live.http.post("/api/models/torn/activate"), 422)
        assert [it["id"] for it in live.http.get("/api/models").json() if it["active"]] == ["google12"]


def test_health_readiness_and_metrics_are_reported(service: Live) -> None:
    assert service.http.get("/healthz").json() == {"status": "alive"}
    assert service.http.get("/readyz").json() == {"status": "ready"}
    lines = service.http.get("/metrics").text.splitlines()
    figures = {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}
    assert figures["wakeword_samples_total"] >= len(demo())
    assert sum(value for name, value in figures.items() if name.startswith("wakeword_events_total")) >= 5


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/api/events/0", 422),
        ("/api/events/nine", 422),
        ("/api/events?cursor=%F0%9F%98%80", 422),
        ("/api/events?cursor=AAAA", 422),
        ("/api/events?limit=0", 422),
        ("/api/events/999999", 404),
        ("/api/sources/nowhere/live", 404),
        ("/api/nothing", 404),
        ("/../../etc/passwd", 404),
    ],
)
def test_every_error_is_problem_details(service: Live, url: str, status: int) -> None:
    assert _problem(service.http.get(url), status)
