"""The models that listen, as a user chooses them: by options, by REST, for good; and what all parts show of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from service.settings import Settings
from tests.service.live import Live, running, settings, words_of_demo
from tests.service.wake_models import SPOKEN, commands, wake_model, wakes
from tests.signals import ROOT, demo
from tests.waits import until
from wakeword.cli import cli
from wakeword.errors import UsageError
from wakeword.model.file import write_model
from wakeword.model.pretrained import load_model

GOOGLE = list(load_model().keywords)
DEMO = (ROOT / "wakeword/assets/demo.flac").read_bytes()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with the models *wake*, *twin*, which has google12's words, and *again*, which is another twin."""
    write_model(wake_model(), tmp_path / "models/wake.safetensors")
    for name in ("twin", "again"):
        write_model(load_model(), tmp_path / f"models/{name}.safetensors")
    return tmp_path


@pytest.fixture
def live(data: Path) -> Iterator[Live]:
    with running(settings(data)) as live:
        yield live


def _choose(live: Live, *models: str, then: tuple[str, ...] = ()) -> httpx.Response:
    return live.http.put("/api/models/active", json={"models": models, "then": then})


def _listening(live: Live) -> tuple[list[str], list[str]]:
    """Return the models that always listen, and those that are heard after a word."""
    listed = live.http.get("/api/models").json()
    return [it["id"] for it in listed if it["active"]], [it["id"] for it in listed if it["then"]]


def _words(live: Live) -> list[tuple[str, str]]:
    return [(it["model"], it["word"]) for it in live.http.get("/api/words").json()]


def _events(live: Live, **query: Any) -> list[tuple[str, str]]:
    found = live.http.get("/api/events", params={"limit": 500, **query}).raise_for_status().json()["events"]
    return [(it["model"], it["word"]) for it in found[::-1]]


def test_several_models_are_activated_in_one_change_at_once_and_for_good(data: Path) -> None:
    with running(settings(data)) as live, live.stream() as socket:
        socket.recv()
        socket.send(demo()[:1600].tobytes())
        answer = _choose(live, "wake", then=("google12",)).raise_for_status().json()
        assert answer == live.http.get("/api/models").json()
        for start in range(1600, len(demo()), 1600):
            socket.send(demo()[start : start + 1600].tobytes())
        socket.send('{"type": "end"}')
        told = [json.loads(message) for message in socket]
        heard = [(it["event"]["model"], it["event"]["word"]) for it in told if it["type"] == "event"]
        assert heard.count(("wake", "computer")) == len(wakes())
        assert [word for model, word in heard if model == "google12"] == commands()
        assert _events(live) == heard
    with running(settings(data)) as live:
        assert _listening(live) == (["wake"], ["google12"])


def test_the_options_model_and_then_are_repeatable_names_or_files(data: Path) -> None:
    elsewhere = data / "hey you.safetensors"
    write_model(wake_model("hey you"), elsewhere)
    with running(settings(data, models=("wake", str(elsewhere)), commands=("google12", "digits10"))) as live:
        assert _listening(live) == (["wake", "hey you"], ["digits10", "google12"])
    with running(settings(data)) as live:  # options are not for good
        assert _listening(live) == (["google12"], [])


@pytest.mark.parametrize(
    "given",
    [
        {"args": ["--model", "wake", "--model", "hey you", "--then", "google12"]},
        {"env": {"WAKEWORD_SERVE_MODEL": "wake, hey you", "WAKEWORD_SERVE_THEN": "google12"}},
    ],
)
def test_the_command_line_and_the_environment_name_models(
    given: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[Settings] = []
    monkeypatch.setattr("service.run.serve", lambda chosen, *rest: served.append(chosen))
    args = ["serve", "--data", str(tmp_path), *given.get("args", [])]
    assert CliRunner().invoke(cli, args, env=given.get("env")).exit_code == 0
    assert (served[0].models, served[0].commands) == (("wake", "hey you"), ("google12",))


@pytest.mark.parametrize(
    ("models", "then", "line"),
    [
        ((), ("google12",), "--then needs --model"),
        (("google12",), ("google12",), "can't listen both always and after a word of others"),
        (("google12", "google12"), (), "is given twice"),
        (("google12", "wake", "twin", "again"), ("digits10", *"abcd"), "there is no model file"),
    ],
)
def test_options_that_name_no_such_set_are_refused(
    data: Path, models: tuple[str, ...], then: tuple[str, ...], line: str
) -> None:
    with pytest.raises(Exception, match=line), running(settings(data, models=models, commands=then)):
        pass


def test_commands_without_a_model_are_refused_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--then needs --model"):
        settings(tmp_path, commands=("google12",))


@pytest.mark.parametrize(
    ("models", "then", "status", "line"),
    [
        (["nobody"], [], 404, "there is no model 'nobody'"),
        (["google12"], ["nobody"], 404, "there is no model 'nobody'"),
        (["google12"] * 9, [], 422, "9 models are too many; 8 may listen"),
        (["google12", "wake"], ["wake"], 422, "the model wake can't listen both always and after a word of others"),
        (["wake", "wake"], [], 422, "the model wake is given twice"),
        ([], ["google12"], 422, "no model would listen; name one at least that does so always"),
        (["torn"], [], 422, "truncated or no model"),
    ],
)
def test_a_choice_that_cannot_be_made_changes_nothing(
    live: Live, data: Path, models: list[str], then: list[str], status: int, line: str
) -> None:
    (data / "models/torn.safetensors").write_bytes(b"torn")
    answer = _choose(live, *models, then=tuple(then))
    assert (answer.status_code, line in answer.json()["detail"]) == (status, True), answer.json()
    assert _listening(live) == (["google12"], [])


def test_a_single_model_is_activated_alone(live: Live) -> None:
    _choose(live, "wake", "digits10", then=("google12",)).raise_for_status()
    assert live.http.post("/api/models/twin/activate").json()["active"]
    assert _listening(live) == (["twin"], [])


def test_a_model_whose_file_is_gone_is_left_out_after_a_restart(data: Path) -> None:
    with running(settings(data)) as live:
        _choose(live, "twin", "wake", then=("again",)).raise_for_status()
    (data / "models/twin.safetensors").unlink()
    (data / "models/again.safetensors").unlink()
    with running(settings(data)) as live:
        assert _listening(live) == (["wake"], [])


def test_words_of_all_models_are_listed_with_their_model(live: Live) -> None:
    _choose(live, "wake", then=("google12",)).raise_for_status()
    words = live.http.get("/api/words").json()
    assert _words(live)[-len(GOOGLE) :] == [("google12", word) for word in GOOGLE]
    assert {it["model"]: it["then"] for it in words} == {"wake": False, "google12": True}


def test_a_word_that_two_models_share_has_settings_for_each(live: Live) -> None:
    _choose(live, "google12", "twin").raise_for_status()
    change = {SPOKEN: {"threshold": 1}}
    refused = live.http.patch("/api/words", json=change)
    assert refused.status_code == 409
    assert refused.json()["detail"] == (
        f"the models google12 and twin have the word '{SPOKEN}'; name one of them by ?model="
    )
    changed = live.http.patch("/api/words", json=change, params={"model": "twin"}).raise_for_status().json()
    assert [it["model"] for it in changed if it["threshold"] == 1] == ["twin"]
    live.push(demo())
    assert ("google12", SPOKEN) in _events(live) and ("twin", SPOKEN) not in _events(live)
    url = f"/api/words/{SPOKEN}/what-if"
    assert live.http.get(url, params={"threshold": 0.9}).status_code == 409
    counts = {
        model: live.http.get(url, params={"threshold": 1, "model": model}).json() for model in ("google12", "twin")
    }
    assert {model: (it["model"], it["events"], it["now"]) for model, it in counts.items()} == {
        "google12": ("google12", 0, len(wakes())),
        "twin": ("twin", 0, 0),
    }
    assert live.http.get(url, params={"threshold": 1, "model": "wake"}).status_code == 404


def test_words_of_several_models_are_changed_at_once(live: Live) -> None:
    _choose(live, "wake", "google12").raise_for_status()
    changed = live.http.patch("/api/words", json={"computer": {"threshold": 1}, "no": {"threshold": 1}}).json()
    assert [it["word"] for it in changed if it["threshold"] == 1 and it["word"][:5] != "never"] == ["computer", "no"]


def test_events_are_told_apart_by_their_model(live: Live) -> None:
    _choose(live, "google12", "twin").raise_for_status()
    live.push(demo())
    spoken = [word for word, _ in words_of_demo()]
    for model in ("google12", "twin"):
        assert _events(live, model=model) == [(model, word) for word in spoken]
    with live.http.stream("GET", "/api/events/live", params={"after": 0, "model": "twin"}) as feed:
        lines = (line for line in feed.iter_lines() if line.startswith("data:"))
        assert {json.loads(next(lines)[5:])["model"] for _ in spoken} == {"twin"}
    metrics = live.http.get("/metrics").text
    for model in ("google12", "twin"):
        assert f'wakeword_events_total{{model="{model}",word="{SPOKEN}"}} {len(wakes())}.0' in metrics


def test_an_upload_is_heard_by_all_models(live: Live) -> None:
    _choose(live, "wake", then=("google12",)).raise_for_status()
    found = [(it["model"], it["word"]) for it in live.http.post("/api/detect", content=DEMO).json()["events"]]
    assert [word for model, word in found if model == "google12"] == commands()
    assert found.count(("wake", "computer")) == len(wakes())


def test_a_stream_is_told_the_models_and_the_scores_of_each(live: Live) -> None:
    _choose(live, "twin", then=("google12",)).raise_for_status()
    ready, *told = live.push(demo()[:48_000], "name=kitchen&levels=true")
    assert (ready["words"], ready["then"]) == (GOOGLE, ["google12"])
    assert ready["models"] == {"twin": GOOGLE, "google12": GOOGLE}
    levels = [it for it in told if it["type"] == "level" and it["scores"]]
    for level in levels:
        mine, commanded = level["model_scores"]["twin"], level["model_scores"]["google12"]
        assert level["scores"] == {word: max(mine[word], commanded[word]) for word in GOOGLE}
    assert levels


def test_one_model_has_the_messages_that_it_had_before(live: Live) -> None:
    ready, *told = live.push(demo()[:48_000], "name=kitchen&levels=true")
    assert ready["words"] == GOOGLE
    assert {tuple(it) for it in told if it["type"] == "level"} == {("type", "samples", "level", "scores")}


def test_a_source_names_its_models(live: Live) -> None:
    _choose(live, "wake", "twin", then=("google12",)).raise_for_status()
    with live.stream() as socket:
        socket.recv()
        (source,) = live.http.get("/api/sources").json()
    assert (source["model"], source["models"], source["then"]) == ("wake", ["wake", "twin"], ["google12"])


def test_a_missed_word_of_any_model_is_filed(live: Live) -> None:
    _choose(live, "wake", then=("google12",)).raise_for_status()
    with live.stream() as socket:
        socket.recv()
        socket.send(demo()[:48_000].tobytes())
        until(lambda: live.http.get("/api/sources").json()[0]["seconds"] == 3)
        for word in ("computer", "no"):
            filed = live.http.post("/api/sources/kitchen/missed", json={"word": word}).raise_for_status().json()
            assert filed["file"].startswith(f"{word}/")
        assert live.http.post("/api/sources/kitchen/missed", json={"word": "nothing"}).status_code == 404
