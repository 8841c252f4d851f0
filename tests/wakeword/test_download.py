"""Downloads from a real HTTP server on this machine, which fails like servers on the network do."""

import hashlib
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from tests.wakeword.archives import tar_gz
from tests.wakeword.limits import files_up_to
from wakeword.data.download import download_speech_commands
from wakeword.download import Archive, download_archive, download_file
from wakeword.errors import DataError

CLIP = np.random.default_rng(0).bytes(500_000)  # random, so that the archive is no smaller
NO_PAUSE = (0.0, 0.0, 0.0)


CONTENT = tar_gz({"./yes/a_nohash_0.wav": CLIP, "./testing_list.txt": b"yes/a_nohash_0.wav\n"})


@dataclass
class Behaviour:
    """The behaviour of the server; each break and each failure happens once, in turn."""

    content: bytes = CONTENT
    etag: str | None = '"first"'
    breaks: list[int] = field(default_factory=list)  # bytes to send of the body before hanging up
    stalls: bool = False  # say nothing more after the bytes of a break, in place of hanging up
    page: bytes = b""  # a web page to answer with once, as a network does that wants a login
    ended: threading.Event = field(default_factory=threading.Event)  # the test is over
    failures: list[int] = field(default_factory=list)  # statuses to answer with instead
    takes_ranges: bool = True
    requests: list[str | None] = field(default_factory=list)  # the Range of each request, as seen
    answers: list[int] = field(default_factory=list)  # the status of each answer that sent the file


class Handler(BaseHTTPRequestHandler):
    behaviour: Behaviour

    def do_GET(self) -> None:
        served, wanted = self.behaviour, self.headers.get("Range")
        served.requests.append(wanted)
        if served.failures:
            self.send_error(served.failures.pop(0))
            return
        if served.page:
            page, served.page = served.page, b""
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)
            return
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        version = self.headers.get("If-Range")
        another = version is not None and (version != served.etag or version.startswith("W/"))
        if another or not served.takes_ranges:
            start = 0
        if start and start >= len(served.content):
            self.send_error(416)
            return
        served.answers.append(206 if start else 200)
        self.send_response(served.answers[-1])
        self.send_header("Content-Length", str(len(served.content) - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(served.content) - 1}/{len(served.content)}")
        if served.etag:
            self.send_header("ETag", served.etag)
        self.end_headers()
        broken = bool(served.breaks)
        stop = start + served.breaks.pop(0) if broken else len(served.content)
        self.wfile.write(served.content[start:stop])
        if broken and served.stalls:
            served.ended.wait()

    def log_message(self, format: str, *args: object) -> None:
        """Keep the tests' output clean."""


@dataclass(frozen=True)
class Server:
    behaviour: Behaviour
    base_url: str

    def archive(self, content: bytes = CONTENT) -> Archive:
        return Archive("clips", f"{self.base_url}/clips.tar.gz", hashlib.sha256(content).hexdigest())


@pytest.fixture
def server() -> Iterator[Server]:
    behaviour = Behaviour()
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), type("Served", (Handler,), {"behaviour": behaviour}))
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Server(behaviour, f"http://127.0.0.1:{httpd.server_port}")
    behaviour.ended.set()
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def refusal(server: Server, cache: Path, archive: Archive | None = None) -> str:
    with pytest.raises(DataError) as error:
        download_archive(archive or server.archive(), cache, NO_PAUSE)
    assert "\n" not in str(error.value)
    return str(error.value)


def assert_complete(cache: Path) -> None:
    """Assert that the folder holds all of the archive, and the cache nothing else."""
    assert (cache / "clips" / "yes" / "a_nohash_0.wav").read_bytes() == CLIP
    assert (cache / "clips" / "testing_list.txt").is_file()
    assert [path.name for path in cache.iterdir()] == ["clips"]


def test_an_archive_is_downloaded_checked_and_unpacked(server: Server, tmp_path: Path) -> None:
    cache = tmp_path / "new" / "cache"
    assert download_archive(server.archive(), cache) == cache / "clips"
    assert_complete(cache)
    assert server.behaviour.requests == [None]


def test_an_archive_in_the_cache_is_not_downloaded_again(server: Server, tmp_path: Path) -> None:
    for _ in range(2):
        download_archive(server.archive(), tmp_path)
    assert len(server.behaviour.requests) == 1


def test_a_broken_transfer_is_resumed(server: Server, tmp_path: Path) -> None:
    server.behaviour.breaks = [100_000, 0, 50_000]
    download_archive(server.archive(), tmp_path, NO_PAUSE)
    assert_complete(tmp_path)
    assert server.behaviour.requests == [None, "bytes=100000-", "bytes=100000-", "bytes=150000-"]


def test_attempts_go_on_as_long_as_each_receives_something(server: Server, tmp_path: Path) -> None:
    server.behaviour.breaks = [30_000] * 10
    download_archive(server.archive(), tmp_path, NO_PAUSE)
    assert_complete(tmp_path)


def test_the_next_call_resumes_where_the_last_gave_up(server: Server, tmp_path: Path) -> None:
    server.behaviour.breaks = [100_000, 0, 0, 0]
    assert "what came is kept" in refusal(server, tmp_path)
    assert (tmp_path / "clips.tar.gz.part").read_bytes() == CONTENT[:100_000]
    assert not (tmp_path / "clips").exists()
    download_archive(server.archive(), tmp_path, NO_PAUSE)
    assert_complete(tmp_path)
    assert server.behaviour.requests[-1] == "bytes=100000-"


def test_each_new_attempt_is_told_and_the_end_names_the_part_and_what_does_without(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.behaviour.breaks = [100_000, 0, 0, 0]
    archive = replace(server.archive(), without="give a folder by --data DIR")
    part = tmp_path / "clips.tar.gz.part"
    line = refusal(server, tmp_path, archive)
    assert line.startswith(f"cannot download {archive.url}: ")
    assert line.endswith(
        f"what came is kept (0.1 MB in {part}), run the command again to resume, or give a folder by --data DIR"
    )
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("wakeword: ")]
    assert told[0] == f"wakeword: downloading {archive.url} to {part}"
    assert len(told) == 4 and all("broke off" in line and "trying again in 0 s" in line for line in told[1:])
    assert [line.rpartition("s, ")[2] for line in told[1:]] == [
        f"{left} more if nothing comes" for left in ("3 times", "2 times", "1 time")
    ]
    download_archive(archive, tmp_path, NO_PAUSE)
    assert f"wakeword: resuming {archive.url} to {part}" in capsys.readouterr().err


def test_a_server_that_stalls_is_left_and_asked_for_the_rest(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("wakeword.download._TIMEOUT", 0.3)
    server.behaviour.breaks, server.behaviour.stalls = [100_000], True
    download_archive(server.archive(), tmp_path, NO_PAUSE)
    assert_complete(tmp_path)
    assert "the download broke off: nothing came for 0.3 seconds; trying again" in capsys.readouterr().err
    assert server.behaviour.requests == [None, "bytes=100000-"]


def test_the_page_of_a_network_that_wants_a_login_never_replaces_what_came(server: Server, tmp_path: Path) -> None:
    server.behaviour.breaks = [100_000, 0, 0, 0]
    refusal(server, tmp_path)
    server.behaviour.page = b"<title>Welcome to our hotel</title>"
    with pytest.raises(DataError, match="a web page came in place of the file; does this network want a login"):
        download_archive(server.archive(), tmp_path, pauses=())
    assert (tmp_path / "clips.tar.gz.part").read_bytes() == CONTENT[:100_000]
    download_archive(server.archive(), tmp_path, NO_PAUSE)
    assert_complete(tmp_path)


def test_a_server_that_ignores_ranges_is_read_from_the_start(server: Server, tmp_path: Path) -> None:
    server.behaviour.takes_ranges = False
    server.behaviour.breaks = [100_000]
    download_archive(server.archive(), tmp_path, NO_PAUSE)
    assert_complete(tmp_path)


def test_parts_of_two_versions_of_a_file_are_never_joined(server: Server, tmp_path: Path) -> None:
    server.behaviour.content = tar_gz({"old.wav": CLIP[::-1]})
    server.behaviour.breaks = [100_000, 0, 0, 0]
    refusal(server, tmp_path)
    server.behaviour.content, server.behaviour.etag = CONTENT, '"second"'
    download_archive(server.archive(), tmp_path, NO_PAUSE)
    assert_complete(tmp_path)


@pytest.mark.parametrize("etag", [None, 'W/"weak"'])
def test_without_a_strong_validator_the_checksum_guards_the_resumption(
    server: Server, tmp_path: Path, etag: str | None
) -> None:
    server.behaviour.etag = etag
    server.behaviour.breaks = [100_000]
    download_archive(server.archive(), tmp_path, NO_PAUSE)
    assert_complete(tmp_path)
    assert server.behaviour.answers == [200, 206]


def test_a_run_killed_before_its_checksum_was_verified_is_finished(server: Server, tmp_path: Path) -> None:
    (tmp_path / "clips.tar.gz.part").write_bytes(CONTENT)
    download_archive(server.archive(), tmp_path, NO_PAUSE)
    assert_complete(tmp_path)


def test_a_download_with_a_wrong_checksum_is_refused_and_deleted(server: Server, tmp_path: Path) -> None:
    server.behaviour.content = CONTENT[:-1] + b"?"
    assert "came damaged" in refusal(server, tmp_path)
    assert list(tmp_path.iterdir()) == []
    server.behaviour.content = CONTENT
    download_archive(server.archive(), tmp_path, NO_PAUSE)
    assert_complete(tmp_path)


def test_a_busy_server_is_asked_again(server: Server, tmp_path: Path) -> None:
    server.behaviour.failures = [503, 429, 500]
    download_archive(server.archive(), tmp_path, NO_PAUSE)
    assert_complete(tmp_path)


def test_a_server_that_has_no_such_file_is_asked_once(server: Server, tmp_path: Path) -> None:
    server.behaviour.failures = [404]
    assert "404" in refusal(server, tmp_path)
    assert len(server.behaviour.requests) == 1


def test_an_unreachable_server_is_reported_in_one_line(tmp_path: Path) -> None:
    nobody = Archive("clips", "http://127.0.0.1:9/clips.tar.gz", "")
    with pytest.raises(DataError, match=r"^cannot download http://127.0.0.1:9/clips.tar.gz: .*refused"):
        download_archive(nobody, tmp_path, NO_PAUSE)


def test_a_full_disk_is_reported_in_one_line(server: Server, tmp_path: Path) -> None:
    (tmp_path / "clips.tar.gz.part").symlink_to("/dev/full")
    assert "No space left on device; what came is kept" in refusal(server, tmp_path)


def test_a_disk_that_fills_while_downloading_keeps_the_bytes_received(server: Server, tmp_path: Path) -> None:
    with files_up_to(200_000):
        assert "what came is kept" in refusal(server, tmp_path)
    download_archive(server.archive(), tmp_path, NO_PAUSE)
    assert_complete(tmp_path)
    assert server.behaviour.requests == [None, "bytes=200000-"]


def test_a_disk_that_fills_while_unpacking_keeps_the_archive_only(server: Server, tmp_path: Path) -> None:
    server.behaviour.content = big = tar_gz({"zeros.wav": bytes(3_000_000)})
    with files_up_to(1_000_000):
        assert "what came is kept" in refusal(server, tmp_path, server.archive(big))
    assert [path.name for path in tmp_path.iterdir()] == ["clips.tar.gz"]
    download_archive(server.archive(big), tmp_path, NO_PAUSE)
    assert (tmp_path / "clips" / "zeros.wav").stat().st_size == 3_000_000
    assert len(server.behaviour.requests) == 1


def test_a_partly_unpacked_folder_is_unpacked_again(server: Server, tmp_path: Path) -> None:
    """A run that is killed while it unpacks leaves this state."""
    (tmp_path / "clips.tar.gz").write_bytes(CONTENT)
    (tmp_path / "clips.unpacking").mkdir()
    (tmp_path / "clips.unpacking" / "stale.wav").touch()
    download_archive(server.archive(), tmp_path, NO_PAUSE)
    assert_complete(tmp_path)
    assert not (tmp_path / "clips" / "stale.wav").exists()
    assert server.behaviour.requests == []


@pytest.mark.skipif(not hasattr(tarfile, "data_filter"), reason="this Python's tarfile has no filters")
def test_an_archive_that_leads_out_of_its_folder_is_refused(server: Server, tmp_path: Path) -> None:
    server.behaviour.content = evil = tar_gz({"../../evil.wav": CLIP})
    assert "cannot unpack" in refusal(server, tmp_path / "a" / "cache", server.archive(evil))
    assert not list(tmp_path.rglob("evil.wav"))


def test_speech_commands_is_requested_by_its_official_name(server: Server, tmp_path: Path) -> None:
    """The download is not Speech Commands, as its checksum shows."""
    with pytest.raises(DataError, match=r"/speech_commands_v0\.01\.tar\.gz came damaged .*; .* --data DIR$"):
        download_speech_commands("v0.01", tmp_path, server.base_url)
    with pytest.raises(DataError, match=r"no Speech Commands 'v0\.3'; choose v0\.01 or v0\.02"):
        download_speech_commands("v0.3", tmp_path, server.base_url)


def test_a_file_is_downloaded_once_under_its_own_name(server: Server, tmp_path: Path) -> None:
    server.behaviour.content, server.behaviour.breaks = CLIP, [100_000]
    clip = Archive("clip.bin", f"{server.base_url}/clip.bin", hashlib.sha256(CLIP).hexdigest())
    for _ in range(2):
        path = download_file(clip, tmp_path / "new", NO_PAUSE)
        assert (path, path.read_bytes()) == (tmp_path / "new" / "clip.bin", CLIP)
    assert [path.name for path in path.parent.iterdir()] == ["clip.bin"]
    assert server.behaviour.requests == [None, "bytes=100000-"]


def test_a_file_that_cannot_be_saved_is_reported_in_one_line(server: Server, tmp_path: Path) -> None:
    with files_up_to(200_000), pytest.raises(DataError, match=r"cannot save clips in .*; what came is kept"):
        download_file(server.archive(), tmp_path, NO_PAUSE)
