"""What is told of phrases: languages, advice, how an engine says them, and what a training of them takes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import soundfile

from service.studio import adviser, speech
from tests.processes import started
from tests.service.live import Live, running, settings
from tests.signals import ROOT
from tests.waits import PATIENCE

_SPEECH = "/api/studio/speech"


def _spoken(live: Live, **query: Any) -> bytes:
    answer = live.http.get(_SPEECH, params={"engine": "espeak-ng", **query})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "audio/wav"
    samples, rate = soundfile.read(io.BytesIO(answer.content))
    assert rate == 16_000 and 0.2 < len(samples) / rate < 4 and abs(samples).max() > 0.01
    return answer.content


def test_the_languages_are_those_of_the_command_line(live: Live) -> None:
    languages = live.http.get("/api/studio/languages").json()
    assert {"code": "de", "name": "German"} in languages and len(languages) > 30


def test_an_engine_says_a_phrase_in_one_of_its_voices(live: Live) -> None:
    assert _spoken(live, phrase="hey lumen") != _spoken(live, phrase="hey lumen", seed=1)


def test_an_engine_says_it_as_it_is_told(live: Live) -> None:
    assert _spoken(live, phrase="hey lumen", say=["lumen=loomen"]) != _spoken(live, phrase="hey lumen")
    _spoken(live, phrase="café au lait", language="fr")
    _spoken(live, phrase="--help")  # a phrase, no option


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ({"phrase": "???"}, "letter"),
        ({"phrase": ""}, "keyword"),
        ({"phrase": "hey\0lumen"}, "U+0000"),
        ({"phrase": "hey, lumen"}, "comma"),
        ({"phrase": "hey lumen", "say": ["human=x"]}, "none of the keywords"),
        ({"phrase": "hey lumen", "language": "xx"}, "language"),
        ({"phrase": "x" * 300}, "at most 200"),
        ({"phrase": "hey lumen", "engine": "other"}, "engine"),
    ],
)
def test_what_can_not_be_said_is_refused_in_one_line(live: Live, query: dict[str, Any], reason: str) -> None:
    answer = live.http.get(_SPEECH, params={"engine": "espeak-ng", **query})
    if query["phrase"] == "--help":  # two words for a voice, no option
        assert answer.status_code == 200
        return
    assert answer.status_code == 422, answer.text
    assert reason in answer.json()["detail"] and "\n" not in answer.json()["detail"]


def test_an_engine_that_is_missing_says_how_to_install_it(
    live: Live, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("WAKEWORD_PIPER", str(tmp_path))
    answer = live.http.get(_SPEECH, params={"phrase": "hey lumen", "engine": "piper"})
    assert answer.status_code == 422 and "put voices there" in answer.json()["detail"]


def test_beyond_a_number_of_requests_they_are_refused(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "_MOST", 0)
    answer = live.http.get(_SPEECH, params={"phrase": "hey lumen", "engine": "espeak-ng"})
    assert answer.status_code == 503 and answer.headers["retry-after"] == "5"


def _advice(live: Live, *phrases: str, **query: Any) -> dict[str, Any]:
    answer = live.http.get("/api/studio/advice", params={"phrase": phrases, **query})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_advice_tells_sounds_engines_and_what_speaks_against_a_phrase(live: Live) -> None:
    good, short = _advice(live, "hey lumen"), _advice(live, "no")
    assert good["language"] == "en-us" and "lˈuːmɛn" in good["phonemes"] and "espeak-ng" in good["engines"]
    assert good["problem"] is None
    assert {"short", "frequent"} <= {it["kind"] for it in short["warnings"]}
    assert "holds" in {it["kind"] for it in _advice(live, "lumen", "hey lumen")["warnings"]}
    assert "letter" in _advice(live, "???")["problem"]


def test_the_process_that_advises_is_begun_anew_if_it_has_ended_and_ends_with_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[subprocess.Popen[bytes]] = []
    begin = adviser._started

    def noted() -> subprocess.Popen[bytes]:
        begun.append(begin())
        return begun[-1]

    monkeypatch.setattr(adviser, "_started", noted)
    with running(settings(tmp_path)) as live:
        _advice(live, "hey lumen")
        begun[0].kill()
        begun[0].wait(PATIENCE)
        answer = live.http.get("/api/studio/advice", params={"phrase": "hey lumen"})
        assert answer.status_code == 503 and answer.headers["retry-after"]
        _advice(live, "hey lumen")
        assert len(begun) == 2 and begun[1].poll() is None
    assert begun[1].poll() is not None


def test_the_process_that_advises_ends_with_its_input_whatever_it_computes() -> None:
    program = [sys.executable, "-m", "service.studio.answering"]
    with started(program, cwd=ROOT, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(json.dumps({"advice": {"phrases": ["hey lumen"] * 2, "language": "en-us"}}).encode())
        process.stdin.write(b"\n" + json.dumps({"advice": {"phrases": ["café au lait"]}}).encode() + b"\n")
        process.stdin.close()
        assert process.wait(PATIENCE) == 0


def test_an_estimate_tells_what_a_run_takes_or_lacks(live: Live) -> None:
    projects = "/api/studio/projects"
    project = live.http.post(projects, json={"phrases": ["hey lumen"], "preset": "small"}).json()["id"]
    found = live.http.get(f"{projects}/{project}/estimate").json()
    assert found["seconds"] == pytest.approx(sum(found["stages"].values()), abs=1) and found["bytes"] > 1e6
    assert live.http.get(f"{projects}/nobody/estimate").status_code == 404
    unsaid = live.http.post(projects, json={"phrases": ["привет"], "language": "en-us"}).json()["id"]
    for answer in (live.http.get(f"{projects}/{unsaid}/estimate"), live.http.post(f"{projects}/{unsaid}/runs")):
        assert answer.status_code == 422 and "\n" not in answer.json()["detail"], answer.text
