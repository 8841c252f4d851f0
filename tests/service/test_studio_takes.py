"""Takes, negatives and the inbox by the service: what is sent becomes what training reads, within bounds."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile

from featurizer.logmel import Samples
from service.settings import Limits
from service.studio import inbox, quota
from service.studio.studio import Studio
from tests import av_files
from tests.service.live import Live, running, settings
from tests.spoken_rows import row, times, utterance
from tests.waits import until
from wakeword.audio.files import decode, encode, read_audio
from wakeword.data.speech_commands import list_clips
from wakeword.projects import negatives, takes

STUDIO = "/api/studio"


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    with running(settings(tmp_path)) as live:
        yield live


@pytest.fixture
def project(live: Live) -> str:
    """The path of a project of a phrase with a space and an accent."""
    made = live.http.post(f"{STUDIO}/projects", json={"phrases": ["hé lumen"]})
    return f"{STUDIO}/projects/{made.json()['id']}"


def folder(tmp_path: Path, project: str) -> Path:
    return tmp_path / "projects" / project.rpartition("/")[2]


def posted(live: Live, path: str, body: bytes, status: int = 201, **query: Any) -> dict[str, Any]:
    """Send a recording, and return the answer, whose status is as expected."""
    answer = live.http.post(path, content=body, params=query)
    assert answer.status_code == status, answer.text
    assert status < 400 or answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    return found


def flac(samples: Samples) -> bytes:
    return encode(samples, "flac")


def audio_in(tmp_path: Path) -> list[str]:
    return sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.flac"))


def test_five_takes_of_one_recording_are_what_training_reads(live: Live, project: str, tmp_path: Path) -> None:
    made = posted(live, f"{project}/takes", flac(row(times(5))), speaker="Ada", distance="far", name="five.flac")

    assert (len(made["takes"]), made["left_out"]) == (5, [])
    assert live.http.get(f"{project}/takes").json() == sorted(made["takes"], key=lambda take: take["id"])
    clips = list_clips(folder(tmp_path, project) / "recordings", "all")
    assert {(clip.word, clip.inside) for clip in clips} == {("hé lumen", ("Ada",))}
    for take in made["takes"]:
        assert (take["label"], take["speaker"], take["distance"], take["name"]) == (
            "hé lumen", "Ada", "far", "five.flac",
        )  # fmt: skip
        wav = live.http.get(f"{project}/takes/{take['id']}/audio")
        assert wav.headers["content-type"] == "audio/wav"
        assert len(decode(wav.content)) == round(16_000 * take["seconds"])
        whole = live.http.get(f"{project}/takes/{take['id']}/audio?whole=true")
        assert len(decode(whole.content)) == round(16_000 * take["whole_seconds"])


def test_a_take_is_trimmed_renamed_and_deleted(live: Live, project: str, tmp_path: Path) -> None:
    (take,) = posted(live, f"{project}/takes", flac(row(times(1))))["takes"]
    path = f"{project}/takes/{take['id']}"

    changed = live.http.patch(path, json={"begin": 0.7, "end": 1.2, "speaker": "Bob", "label": "_unknown_"})

    assert changed.status_code == 200
    assert changed.json()["seconds"] == 0.5
    assert live.http.get(f"{project}/takes").json() == [changed.json()]
    (clip,) = list_clips(folder(tmp_path, project) / "recordings", "all")
    assert (clip.word, clip.inside, len(read_audio(clip.path))) == ("_unknown_", ("Bob",), 8_000)
    assert live.http.delete(path).status_code == 204
    assert audio_in(tmp_path) == []
    for answer in (live.http.delete(path), live.http.get(f"{path}/audio"), live.http.patch(path, json={})):
        assert answer.status_code == 404, answer.text


@pytest.mark.parametrize(("name", "codec", "rate"), av_files.KINDS)
def test_what_telephones_and_browsers_record_is_converted(
    live: Live, project: str, tmp_path: Path, name: str, codec: str, rate: int
) -> None:
    pytest.importorskip("av")
    signal = np.interp(np.arange(2 * rate) / rate, np.arange(32_000) / 16_000, row([-0.6, 0.8, -0.6])) / 32_768
    file = tmp_path / name
    av_files.write(file, signal, codec, rate)
    made = posted(live, f"{project}/takes", file.read_bytes(), name=name)
    assert [take["name"] for take in made["takes"]] == [name]
    (clip,) = list_clips(folder(tmp_path, project) / "recordings", "all")
    assert soundfile.info(clip.path).format == "FLAC"


def test_a_wav_file_of_a_browser_of_three_minutes_is_taken(live: Live, project: str) -> None:
    wav = io.BytesIO()
    soundfile.write(wav, np.repeat(row([*times(5), -172.0]), 3), 48_000, format="WAV")
    assert len(wav.getvalue()) > 16 << 20
    assert len(posted(live, f"{project}/takes", wav.getvalue())["takes"]) == 5


def test_negatives_are_converted_listed_and_deleted(live: Live, project: str, tmp_path: Path) -> None:
    path = f"{project}/negatives"
    names = [posted(live, path, flac(row([-2.0])), name=name)["name"] for name in ("TV room.m4a", "TV room.m4a", "")]
    assert names == ["TV_room.flac", "TV_room-2.flac", "recording.flac"]
    assert [(each["name"], each["seconds"]) for each in live.http.get(path).json()] == [
        ("TV_room-2.flac", 2.0), ("TV_room.flac", 2.0), ("recording.flac", 2.0),
    ]  # fmt: skip
    assert live.http.delete(f"{path}/TV_room.flac").status_code == 204
    assert live.http.delete(f"{path}/TV_room.flac").status_code == 404
    assert sorted(file.name for file in (folder(tmp_path, project) / "negatives").iterdir()) == names[1:]


@pytest.mark.parametrize(("label", "count"), [("hé lumen", 2), ("", 2), ("_unknown_", 1), ("_background_noise_", 1)])
def test_a_clip_of_a_device_waits_until_it_is_filed(live: Live, project: str, label: str, count: int) -> None:
    clip = posted(live, f"{STUDIO}/inbox", flac(row(times(2))), source="kitchen", name="a.wav")
    assert live.http.get(f"{STUDIO}/inbox").json() == [clip]
    assert (clip["source"], clip["name"], clip["seconds"]) == ("kitchen", "a.wav", 3.5)
    assert len(decode(live.http.get(f"{STUDIO}/inbox/{clip['id']}/audio").content)) == 56_000

    filed = live.http.post(
        f"{STUDIO}/inbox/{clip['id']}/file", json={"project": project.rpartition("/")[2], "label": label}
    )

    assert filed.status_code == 201, filed.text
    assert [(take["label"], take["speaker"]) for take in filed.json()["takes"]] == [
        (label or "hé lumen", "kitchen")
    ] * count
    assert live.http.get(f"{STUDIO}/inbox").json() == []


def test_a_clip_that_can_t_be_filed_waits_on(live: Live, project: str) -> None:
    clip = posted(live, f"{STUDIO}/inbox", flac(row([-2.0])))["id"]
    where = {"project": project.rpartition("/")[2]}
    file = f"{STUDIO}/inbox/{clip}/file"
    assert live.http.post(file, json={"project": "other"}).status_code == 404
    assert live.http.post(file, json={**where, "label": "no phrase"}).status_code == 422
    assert "louder than its room" in live.http.post(file, json=where).json()["detail"]
    assert [each["id"] for each in live.http.get(f"{STUDIO}/inbox").json()] == [clip]
    assert live.http.delete(f"{STUDIO}/inbox/{clip}").status_code == 204
    for answer in (live.http.post(file, json=where), live.http.delete(f"{STUDIO}/inbox/{clip}")):
        assert answer.status_code == 404


@pytest.mark.parametrize(
    "comment",
    ["[" * 100_000, "[]", '{"source": "\\ud800", "name": "", "level_dbfs": 0}', '{"level_dbfs": NaN}', "by hand"],
)
def test_a_clip_that_somebody_has_put_into_the_inbox_spoils_no_listing(tmp_path: Path, comment: str) -> None:
    store = inbox.Inbox(tmp_path)
    clip = store.add(np.zeros(16_000, np.int16), "kitchen", "a.wav", now=1.0)
    with soundfile.SoundFile(tmp_path / f"{2:013d}-{0:012x}.flac", "w", 16_000, 1, format="FLAC") as flac:
        flac.comment = comment
        flac.write(np.zeros(16_000, np.int16))
    assert store.all() == [clip]


def test_takes_and_clips_outlast_a_restart_and_go_with_the_project(tmp_path: Path) -> None:
    with running(settings(tmp_path)) as live:
        id = live.http.post(f"{STUDIO}/projects", json={"phrases": ["hé lumen"]}).json()["id"]
        path = f"{STUDIO}/projects/{id}"
        before = [
            posted(live, f"{path}/takes", flac(row(times(2))))["takes"],
            posted(live, f"{STUDIO}/inbox", flac(row([-1.0]))),
        ]
        posted(live, f"{path}/negatives", flac(row([-1.0])))
    with running(settings(tmp_path)) as live:
        assert sorted(before[0], key=lambda take: take["id"]) == live.http.get(f"{path}/takes").json()
        assert live.http.get(f"{STUDIO}/inbox").json() == [before[1]]
        assert live.http.delete(path).status_code == 204
        assert live.http.delete(f"{STUDIO}/inbox/{before[1]['id']}").status_code == 204
    assert audio_in(tmp_path) == []


# What is sent by those who mean harm, or by mistake.


def silence(seconds: int, rate: int = 48_000) -> bytes:
    """Hours of silence: a small file."""
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", rate, 1, "PCM_16", format="FLAC") as written:
        for _ in range(seconds // 60):
            written.write(np.zeros(60 * rate, np.int16))
    return file.getvalue()


@pytest.mark.parametrize("place", ["takes", "negatives", "inbox"])
@pytest.mark.parametrize(
    "body", [b"", b"RIFF", b"Buy milk.\n" * 1_000, b"\x1aE\xdf\xa3" * 1_000, b"PK\x03\x04" + bytes(5_000)]
)
def test_what_is_no_audio_is_refused_in_one_line(
    live: Live, project: str, tmp_path: Path, place: str, body: bytes
) -> None:
    path = f"{STUDIO}/inbox" if place == "inbox" else f"{project}/{place}"
    detail = posted(live, path, body, 415, name="take.wav")["detail"]
    assert detail.startswith("the recording ")
    assert "/dev/fd" not in detail and "\n" not in detail
    assert audio_in(tmp_path) == []


def test_a_damaged_file_of_a_browser_is_the_fault_of_the_file(live: Live, project: str, tmp_path: Path) -> None:
    """FFmpeg calls some damage an error of input and output, as if the service's disk were broken."""
    pytest.importorskip("av")
    own = folder(tmp_path, project) / "recordings" / "hé lumen" / "a.webm"
    own.parent.mkdir(parents=True)
    av_files.write(own, utterance(1.0) / 32_768, "libopus", 48_000)
    own.write_bytes(data := own.read_bytes()[:200])
    for path in (f"{project}/takes", f"{project}/negatives", f"{STUDIO}/inbox"):
        assert "is WebM that can't be read (Input/output error)" in posted(live, path, data, 415)["detail"]
    (take,) = live.http.get(f"{project}/takes").json()
    assert "is WebM that can't be read" in take["advice"]
    assert live.http.patch(f"{project}/takes/{take['id']}", json={"speaker": "Ada"}).status_code == 422


def test_hours_of_silence_in_a_small_file_are_refused(live: Live, project: str, tmp_path: Path) -> None:
    for path, seconds in (
        (f"{project}/takes", 660),
        (f"{STUDIO}/inbox", 120),
        (f"{project}/negatives", 4 * 3_600 + 60),
    ):
        body = silence(seconds, 8_000)
        assert len(body) < 1 << 20
        assert "is longer than" in posted(live, path, body, 413)["detail"]
    assert audio_in(tmp_path) == []


def test_a_body_beyond_its_bound_is_refused_wherever_it_is_sent(tmp_path: Path) -> None:
    limits = Limits(requests_per_second=1e4, burst=10_000, recording_bytes=100_000)
    with running(settings(tmp_path, limits=limits)) as live:
        path = f"{STUDIO}/projects/{live.http.post(f'{STUDIO}/projects', json={'phrases': ['hé']}).json()['id']}"
        large = bytes(100_001)
        for place in (f"{path}/takes", f"{path}/negatives", f"{STUDIO}/inbox"):
            assert posted(live, place, large, 413)["detail"] == "a body has at most 100000 bytes; send less"
            chunked = live.http.post(place, content=iter([bytes(60_000)] * 2))
            assert chunked.status_code == 413
        for place in (f"{path}/takes/x/takes", f"{STUDIO}/projects", f"{STUDIO}/inbox/x/file", path):
            assert "65536" in posted(live, place, large, 413)["detail"]


def test_a_project_that_is_not_there_gets_nothing(live: Live) -> None:
    body = flac(row(times(1)))
    for id in ("other", "..", "%2e%2e", "..%2f..", "%00", "x" * 300, ".removed-x"):
        for place in ("takes", "negatives"):
            answer = live.http.post(f"{STUDIO}/projects/{id}/{place}", content=body)
            assert answer.status_code in (404, 405, 413, 422), (id, answer.text)


@pytest.mark.parametrize(
    "name", ["../../../etc/cron.d/x", "/etc/passwd", "a\0b", "..", ".", "\u202egpj.exe", "é" * 255]
)
def test_no_name_leads_out_of_its_folder(live: Live, project: str, tmp_path: Path, name: str) -> None:
    before = set(tmp_path.rglob("*"))
    body = flac(row(times(1)))
    for place in ("takes", "negatives"):
        query = {"name": name, **({"speaker": name, "distance": name} if place == "takes" else {})}
        assert live.http.post(f"{project}/{place}", content=body, params=query).status_code in (201, 422)
    assert live.http.post(f"{STUDIO}/inbox", content=body, params={"name": name, "source": name}).status_code in (
        201,
        422,
    )
    new = {path.resolve() for path in tmp_path.rglob("*")} - before
    allowed = (folder(tmp_path, project), tmp_path / "inbox")
    assert all(
        any(path.is_relative_to(each) for each in allowed) or path.name.startswith("events.sqlite") for path in new
    )
    for path in (
        "negatives/../project.json",
        "negatives/..%2Fproject.json",
        "negatives/%2Fetc%2Fpasswd",
        "takes/..%2F..",
    ):
        assert live.http.delete(f"{project}/{path}").status_code in (404, 405)
    assert (folder(tmp_path, project) / "project.json").is_file()


@pytest.mark.parametrize(
    "change",
    [{"begin": -1}, {"end": 99}, {"begin": 1.5, "end": 1.4}, {"begin": "x"}, {"path": "/etc"}, {"label": "other"},
     {"speaker": "☃"}, {"speaker": "hé lumen"}, []],
)  # fmt: skip
def test_a_change_that_can_t_be_made_changes_nothing(live: Live, project: str, change: Any) -> None:
    (take,) = posted(live, f"{project}/takes", flac(row(times(1))))["takes"]
    answer = live.http.patch(f"{project}/takes/{take['id']}", json=change)
    assert answer.status_code == 422, answer.text
    assert live.http.get(f"{project}/takes").json() == [take]
    infinite = live.http.patch(f"{project}/takes/{take['id']}", content=b'{"end": 1e999}')
    assert infinite.status_code == 422


def test_takes_clips_and_recordings_are_bounded_in_number(
    live: Live, project: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ((takes, "MAX_TAKES"), (negatives, "MAX_NEGATIVES"), (inbox, "MAX_CLIPS")):
        monkeypatch.setattr(*module, 3)
    body = flac(row(times(1)))
    for path, status in ((f"{project}/takes", 422), (f"{project}/negatives", 422), (f"{STUDIO}/inbox", 507)):
        for _ in range(3):
            posted(live, path, body)
        assert "at most 3" in (detail := posted(live, path, body, status)["detail"]) or "as many as it may" in detail
        assert len(live.http.get(path).json()) == 3


def test_the_quota_holds_for_all_that_the_studio_keeps(tmp_path: Path) -> None:
    noise = flac(np.clip(utterance(4.0), -32_000, 32_000).astype(np.int16))
    with running(settings(tmp_path, quota=600_000)) as live:
        path = f"{STUDIO}/projects/{live.http.post(f'{STUDIO}/projects', json={'phrases': ['hé lumen']}).json()['id']}"
        posted(live, f"{path}/negatives", noise)
        posted(live, f"{STUDIO}/inbox", noise)
        for place in (f"{path}/negatives", f"{path}/takes", f"{STUDIO}/inbox"):
            for _ in range(20):
                answer = live.http.post(place, content=noise)
                if answer.status_code == 507:
                    break
                assert answer.status_code == 201, answer.text
            detail = answer.json()["detail"]
            assert detail.startswith("the studio holds 0.00 GB of the 0.0006 that it may")
            assert detail.endswith("delete projects, runs or recordings, or start it with a larger --quota")
        assert live.http.post(f"{path}/runs").status_code in (201, 507)
        assert quota.Quota([tmp_path / "projects", tmp_path / "inbox"], 0).used() <= 600_000
        assert live.http.delete(path).status_code == 204
        (clip,) = live.http.get(f"{STUDIO}/inbox").json()[:1]
        assert live.http.delete(f"{STUDIO}/inbox/{clip['id']}").status_code == 204
        posted(live, f"{STUDIO}/inbox", noise)


def test_bytes_on_their_way_count_until_they_have_come_or_gone(tmp_path: Path) -> None:
    room = quota.Quota([tmp_path], 1_000)
    (tmp_path / "a").write_bytes(bytes(300))
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    assert room.used() == 300
    with room.coming() as count:
        count(600)
        with pytest.raises(quota.NoRoom):
            room.check(200)
        with pytest.raises(quota.NoRoom), room.coming() as other:
            other(200)
        room.check(100)
    room.check(700)
    with pytest.raises(quota.NoRoom):
        room.check(701)


def test_an_upload_that_breaks_off_leaves_nothing(live: Live, project: str, tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield flac(row(times(3)))[:20_000]
        raise ConnectionError

    for path in (f"{project}/takes", f"{project}/negatives", f"{STUDIO}/inbox"):
        with pytest.raises(ConnectionError):
            live.http.post(path, content=broken())
    assert audio_in(tmp_path) == []
    assert posted(live, f"{project}/takes", flac(row(times(3))))["left_out"] == []


def test_a_recording_on_its_way_has_no_name_so_that_a_kill_leaves_none_of_it(tmp_path: Path) -> None:
    with Studio(tmp_path, 1).unnamed() as file:
        file.write(bytes(100_000))
        file.flush()
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
        assert Path(f"/dev/fd/{file.fileno()}").stat().st_size == 100_000


def test_no_page_of_another_site_and_nobody_without_a_token_is_let_in(live: Live, project: str, tmp_path: Path) -> None:
    body = flac(row(times(1)))
    for path in (f"{project}/takes", f"{project}/negatives", f"{STUDIO}/inbox"):
        foreign = live.http.post(path, content=body, headers={"Origin": "https://evil.example"})
        assert foreign.status_code == 403
        plain = live.http.post(
            path, content=body, headers={"Sec-Fetch-Site": "cross-site", "Content-Type": "text/plain"}
        )
        assert plain.status_code == 403
    assert audio_in(tmp_path) == []


def test_a_spoilt_folder_spoils_no_answer(live: Live, project: str, tmp_path: Path) -> None:
    (take,) = posted(live, f"{project}/takes", flac(row(times(1))))["takes"]
    clip = posted(live, f"{STUDIO}/inbox", flac(row([-1.0])))
    own = folder(tmp_path, project)
    (own / "takes" / f"{take['id']}.json").write_text(json.dumps([1]))
    (tmp_path / "inbox" / f"{clip['id']}.flac").write_bytes(b"no sound")
    (tmp_path / "inbox" / "1795327200250-5f0c1e9a77b2.flac").mkdir()
    (own / "negatives").mkdir()
    (own / "negatives" / "bad.wav").write_bytes(b"no sound")
    assert [each["id"] for each in live.http.get(f"{project}/takes").json()] == [take["id"]]
    assert live.http.get(f"{STUDIO}/inbox").json() == []
    assert live.http.get(f"{project}/negatives").json() == [{"name": "bad.wav", "seconds": None, "bytes": 8}]
    assert live.http.get(f"{STUDIO}/inbox/{clip['id']}/audio").status_code == 422
    assert live.http.delete(f"{STUDIO}/inbox/{clip['id']}").status_code == 204


def test_many_uploads_at_once_wait_for_a_place(tmp_path: Path) -> None:
    limits = Limits(requests_per_second=1e4, burst=10_000, receiving=1)
    with running(settings(tmp_path, limits=limits)) as live, httpx.Client(base_url=live.url) as other:

        def slow() -> Iterator[bytes]:
            yield b"RIFF"
            until(lambda: other.post(f"{STUDIO}/inbox", content=b"RIFF").status_code == 503)  # once it has the place

        assert live.http.post(f"{STUDIO}/inbox", content=slow()).status_code == 415
        assert live.http.post(f"{STUDIO}/inbox", content=flac(row([-1.0]))).status_code == 201


def test_channels_that_cancel_out_are_read_by_one_with_a_note(
    live: Live, project: str, capfd: pytest.CaptureFixture[str]
) -> None:
    speech, file = row(times(3)), io.BytesIO()
    soundfile.write(file, np.stack([speech, -speech], axis=1), 16_000, format="FLAC")
    made = posted(live, f"{project}/takes", file.getvalue())
    assert len(made["takes"]) == 3
    assert made["note"].startswith("the recording: the channels have opposite phase")
    for path in (f"{project}/negatives", f"{STUDIO}/inbox"):
        posted(live, path, file.getvalue())
        logged = capfd.readouterr().out
        assert "the recording: the channels have opposite phase" in logged and "/dev/fd" not in logged
