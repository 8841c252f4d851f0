"""Odd ids and bodies: each gets one clear line, changes nothing, and none is the service's failure."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from tests.service.live import Live, running, settings
from tests.service.raw import Answer, ask
from tests.signals import demo

# As they stand in the path of a request.
ODD_IDS = [
    "0", "-1", "-0", "+1", "01", "1.0", "1.5", "1e0", "0x1", "0b1", "1_0", "1%20", "%201", "1%00", "%00", "1;", "1'",
    "1%22", "1%20or%201=1", "1%3Bdrop", "true", "null", "None", "NaN", "Infinity", "[]", "%7B%7D", "*", "%25", "%C3%A9",
    "%FF", "%D9%A1", "%EF%BC%91", "%E2%91%A0", "9223372036854775807", "9223372036854775808", "18446744073709551616",
    "1" * 400, "9" * 5000, "..", "..%2F1", "%2e%2e%2fevents.sqlite", "1%2F", "live%2F",
]  # fmt: skip
_DEEP = "[" * 5000
ODD_BODIES = [
    "", " ", "null", "true", "0", '"yes"', "[]", "[{}]", "{", "{]", '{"yes"}', '{"yes": }', "{'yes': {}}", "\x00",
    '{"yes": null}', '{"yes": 0.5}', '{"yes": "0.5"}', '{"yes": []}', '{"yes": [0.5]}', '{"yes": {"threshold": true}}',
    '{"yes": {"threshold": "0.5"}}', '{"yes": {"threshold": [0.5]}}', '{"yes": {"threshold": {}}}',
    '{"yes": {"threshold": NaN}}', '{"yes": {"threshold": Infinity}}', '{"yes": {"threshold": -Infinity}}',
    '{"yes": {"threshold": 1e400}}', '{"yes": {"threshold": 1.0000001}}', '{"yes": {"threshold": -0.5}}',
    '{"yes": {"threshold": 0}}', '{"yes": {"threshold": ' + "9" * 5000 + "}}", '{"yes": {"refractory": -5}}',
    '{"yes": {"refractory": false}}', '{"yes": {"refractory": 1e9}}', '{"yes": {"refractory": "1"}}',
    '{"yes": {"threshold": 0.5, "other": 1}}', '{"yes": {"": 1}}', '{"": {}}', '{"nobody": {"threshold": 0.5}}',
    '{"yes": {"threshold": 0.5}, "nobody": {"threshold": 0.5}}', '{"\\ud800": {"threshold": 0.5}}',
    '{"\\ud800": {"threshold": true}}', '{"yes": {"\\ud800": 1}}', '{"\\u0000": {"threshold": 0.5}}', _DEEP,
    '{"yes": ' * 5000, '{"yes": {"threshold": ' + _DEEP, '{"yes": {"threshold": 0.5}} trailing', "{}{}",
]  # fmt: skip
ODD_BYTES = [b"\xff\xfe{}", b'{"\xff": {}}', b'{"yes": {"threshold": 0.5}', b"\x80" * 100]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A service with one event, and its clip."""
    with running(settings(tmp_path_factory.mktemp("data"), clips=True)) as live:
        live.push(demo()[:48_000])
        yield live


def _sent(live: Live, method: str, path: str) -> Answer:
    return ask(live.url, f"{method} {path} HTTP/1.1", "Host: localhost", "Content-Length: 0")


@pytest.mark.parametrize("number", ODD_IDS)
def test_an_odd_id_finds_no_event_and_deletes_none(service: Live, number: str) -> None:
    before = service.http.get("/api/events").json()
    for method, tail in (("GET", ""), ("GET", "/clip"), ("DELETE", ""), ("POST", "/verdict")):
        answer = _sent(service, method, f"/api/events/{number}{tail}")
        assert answer.status in (404, 405, 422) and len(answer.detail.splitlines()) == 1
        assert len(answer.detail) < 500
    assert service.http.get("/api/events").json() == before


@pytest.mark.parametrize("name", ODD_IDS)
def test_an_odd_name_finds_no_word_no_source_and_no_model(service: Live, name: str) -> None:
    for method, path in (
        ("GET", f"/api/words/{name}/what-if?threshold=0.5"),
        ("GET", f"/api/sources/{name}/live"),
        ("POST", f"/api/models/{name}/activate"),
        ("POST", f"/api/sources/{name}/missed"),
    ):
        answer = _sent(service, method, path)
        assert answer.status in (404, 405, 422) and len(answer.detail.splitlines()) == 1


@pytest.mark.parametrize("body", [*(body.encode() for body in ODD_BODIES), *ODD_BYTES])
def test_an_odd_body_changes_no_word(service: Live, body: bytes) -> None:
    before = service.http.get("/api/words").json()
    answer = service.http.patch("/api/words", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 404, 422), answer.text
    detail = answer.json()["detail"]
    assert len(detail.splitlines()) == 1 and len(detail) < 500
    assert service.http.get("/api/words").json() == before


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_body_that_a_form_of_another_site_can_send_is_no_json(service: Live, media: str) -> None:
    body = json.dumps({"yes": {"threshold": 0.5}}).encode()
    answer = service.http.patch("/api/words", content=body, headers={"Content-Type": media})
    assert answer.status_code in (415, 422)


@pytest.mark.parametrize("body", ["null", "{}", '{"verdict": true}', '{"verdict": 1}', '{"verdict": "maybe"}', _DEEP])
def test_an_odd_verdict_is_refused(service: Live, body: str) -> None:
    (first, *_) = service.http.get("/api/events").json()["events"]
    url, headers = f"/api/events/{first['id']}/verdict", {"Content-Type": "application/json"}
    assert service.http.post(url, content=body, headers=headers).status_code in (400, 422)
    assert service.http.get(f"/api/events/{first['id']}").json()["verdict"] is None


def test_a_threshold_is_a_number_in_any_form_of_json(service: Live) -> None:
    def stored(text: str) -> float:
        content, headers = f'{{"yes": {{"threshold": {text}}}}}', {"Content-Type": "application/json"}
        answer: httpx.Response = service.http.patch("/api/words", content=content, headers=headers)
        assert answer.status_code == 200
        return next(word["threshold"] for word in answer.json() if word["word"] == "yes")

    assert [stored(text) for text in ("1", "0.5", "5e-1", "1.0")] == pytest.approx([1, 0.5, 0.5, 1], abs=1e-3)
    assert stored("null") == next(
        it["model_threshold"] for it in service.http.get("/api/words").json() if it["word"] == "yes"
    )
