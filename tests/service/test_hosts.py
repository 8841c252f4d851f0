"""Which host a request names, and whether a page under another name gets in."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from hypothesis import given, strategies

from service.origins import Host, Origin, parse_host, parse_origin
from service.tokens import new_token, token_hash
from tests.service.live import Live, running, settings
from tests.service.raw import ask, get

# Each took the service's own name, or none, from a parser that guesses.
REBINDING = [
    b"a{b.evil.test:8765",
    b"a}b.evil.test:8765",
    b"a`b.evil.test:8765",
    b'a"b.evil.test:8765',
    b"x?",
    b"x?.evil.test",
    b"evil.com:",
    b"evil.com:99999",
    b"localhost@evil.com",
    b"",
    b"evil.com#localhost",
    b"localhost/evil.com",
    b"evil.com\\@localhost",
    b"localhost,evil.com",
    b"localhost:8765,evil.com",
    b"localhost evil.com",
    b"[::1",
    b"[::1]evil.com",
    b"[::1%25evil.com]",
    b"[localhost]",
    b"::1",
    b"localhost:8765:1",
    b"localhost:+1",
    b"localhost:0x10",
    b"localhost:080",
    b"localhost:0",
    b"localhost:\xb2",
    b"http://localhost",
    b"l\xc3\xb6calhost",
    b"localhost\x00.evil.com",
    b"local_host..evil.com",
    b".localhost",
    b"-",
    b"127.1",
    b"0x7f.0.0.1",
    b"2130706433",
    b"127.0.0.1.",
    b"127.0.0.256",
    b"a" * 64 + b".com",
    b".".join([b"a" * 60] * 5),
]
FOREIGN = [
    b"evil.com",
    b"evil.com:8765",
    b"localhost.evil.com",
    b"127.0.0.1.evil.com",
    b"localhost.",
    b"evil.localhost",
    b"192.0.2.1",
    b"0.0.0.0:8765",
    b"[::]:8765",
    b"[::ffff:127.0.0.1]",
    b"[2001:db8::1]:80",
]
_NEARLY = r"([a-z_0-9-]{1,3}\.){0,2}[a-z0-9_-]{1,4}\.?(:[0-9]{0,5})?"
UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A service on loopback, which needs no token."""
    with running(settings(tmp_path_factory.mktemp("data"))) as live:
        yield live


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Live, str]]:
    """A service on every interface, and its token."""
    folder = tmp_path_factory.mktemp("data")
    token = new_token(folder)
    with running(settings(folder, host="0.0.0.0"), token_hash(folder)) as live:
        yield live, token


@pytest.mark.parametrize("host", REBINDING)
def test_a_host_that_is_no_name_and_port_is_refused(service: Live, host: bytes) -> None:
    for path in ("/api/events", "/", "/healthz"):
        assert get(service.url, path, b"Host: " + host).status == 400
    assert parse_host(host) is None


@pytest.mark.parametrize("host", FOREIGN)
def test_another_host_than_this_computer_is_refused_without_a_token(service: Live, host: bytes) -> None:
    for path in ("/api/events", "/", "/healthz"):
        answer = get(service.url, path, b"Host: " + host)
        assert answer.status == 403 and "localhost" in answer.detail


@pytest.mark.parametrize("host", REBINDING + FOREIGN)
def test_no_stream_opens_under_another_host(service: Live, host: bytes) -> None:
    assert ask(service.url, "GET /api/stream HTTP/1.1", b"Host: " + host, *UPGRADE).status in (400, 403)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8765", "127.8.9.1", "[::1]", "[0:0::1]:65535"])
def test_this_computer_gets_in_by_each_of_its_names(service: Live, host: str) -> None:
    assert get(service.url, "/api/events", f"Host: {host}").status == 200
    assert ask(service.url, "GET /api/stream HTTP/1.1", f"Host: {host}", *UPGRADE).status == 101


@pytest.mark.parametrize("hosts", [(), ("Host: localhost", "Host: localhost"), ("Host: localhost", "Host: evil.com")])
@pytest.mark.parametrize("version", ["1.1", "1.0"])
def test_a_request_names_exactly_one_host(service: Live, hosts: tuple[str, ...], version: str) -> None:
    assert ask(service.url, f"GET /api/events HTTP/{version}", *hosts).status == 400


def test_a_version_of_http_that_does_not_exist_is_refused(service: Live) -> None:
    for version in ("0.9", "1.2", "2.0", "9.9"):
        assert ask(service.url, f"GET /healthz HTTP/{version}", "Host: localhost").status == 400


def test_a_url_in_the_request_line_lets_no_other_host_in(service: Live) -> None:
    for target in ("http://localhost/api/events", "http://evil.com/api/events", "evil.com:443", "*", "//evil.com/"):
        for host in ("evil.com", "x?"):
            assert get(service.url, target, f"Host: {host}").status in (400, 403)
        assert get(service.url, target, "Host: localhost").status in (400, 404)


@pytest.mark.parametrize(
    "host", ["home.example", "192.0.2.1:8765", "HOME.example:1", "[2001:db8::1]:80", "my_host", "home.example."]
)
def test_with_a_token_any_host_name_gets_in(network: tuple[Live, str], host: str) -> None:
    live, token = network
    bearer = f"Authorization: Bearer {token}"
    assert get(live.url, "/api/events", f"Host: {host}", bearer).status == 200
    assert get(live.url, "/api/events", f"Host: {host}").status == 401


@pytest.mark.parametrize("host", REBINDING)
def test_with_a_token_a_host_is_still_a_name_and_a_port(network: tuple[Live, str], host: bytes) -> None:
    live, token = network
    for headers in ((), (f"Authorization: Bearer {token}",)):
        for path in ("/api/events", "/metrics", "/openapi.json"):
            assert get(live.url, path, b"Host: " + host, *headers).status == 400


def test_a_host_and_an_origin_are_parsed_alike() -> None:
    assert parse_host(b"Home.Example:8765") == Host("home.example", 8765)
    assert parse_host(b"[0::1]:1") == Host("[::1]", 1)
    assert parse_host(b"home.example") == Host("home.example", None)
    assert parse_origin("https://Home.Example") == Origin("https", "home.example", 443)
    for text in ("http://home.example:80", "HTTP://HOME.example"):
        assert parse_origin(text) == Origin("http", "home.example", 80)
    for text in (
        "null", "", "home.example", "http://", "http://a b", "http://u@home.example", "http://u:p@home.example",
        "http://home.example/", "http://home.example?", "http://home.example#", "http://home.example:", "ftp://a",
        "file://", "http:/a", "http:a", " http://a", "http://a ", "http://a,http://b", "http://[::1", "//a", "ws://a",
    ):  # fmt: skip
        assert parse_origin(text) is None, text


@given(
    strategies.text(alphabet="aZ0-_.:[]%@/?#\\{}`\"' \t\x00é1f", max_size=12)
    | strategies.from_regex(_NEARLY, fullmatch=True)
)
def test_a_host_that_is_accepted_means_the_same_to_another_parser(text: str) -> None:
    host = parse_host(text.encode())
    if host is not None:
        parts = urlsplit(f"http://{text}/")
        assert (parts.hostname, parts.port, parts.username) == (host.name.strip("[]"), host.port, None)
        assert Host(*host) == parse_host((host.name + (f":{host.port}" if host.port else "")).encode())


@pytest.mark.parametrize(
    "origin",
    [
        "null", "", "http://evil.com", "https://localhost:{port}", "http://localhost:1", "http://localhost",
        "http://127.0.0.1:{port}", "http://[::1]:{port}", "http://localhost.:{port}", "http://evil.localhost:{port}",
        "http://user@localhost:{port}", "http://localhost:{port}@evil.com", "http://localhost:{port}/",
        "http://localhost:{port}?", "http://localhost:{port} ", "localhost:{port}", "ftp://localhost:{port}",
        "http://localhost:{port}, http://evil.com", "http://localhost:{port}.evil.com", "http://localhost:0{port}",
        "chrome-extension://abcdefgh", "moz-extension://localhost:{port}", "file://",
    ],
)  # fmt: skip
def test_a_page_of_another_origin_is_refused(service: Live, origin: str) -> None:
    port = service.url.rpartition(":")[2]
    headers = (f"Host: localhost:{port}", f"Origin: {origin.format(port=port)}")
    if not origin.endswith(" "):  # a header's value ends before its last blanks
        assert ask(service.url, "PATCH /api/words HTTP/1.1", *headers).status == 403
        assert get(service.url, "/api/events", *headers).status == 403
        assert ask(service.url, "GET /api/stream HTTP/1.1", *headers, *UPGRADE).status == 403
    assert ask(service.url, "GET /api/stream HTTP/1.1", *headers, headers[1], *UPGRADE).status in (400, 403)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
def test_the_services_own_page_gets_in(service: Live, name: str) -> None:
    port = service.url.rpartition(":")[2]
    for host, origin in ((f"{name}:{port}",) * 2, (f"{name.upper()}:{port}", f"{name}:{port}"), (name, f"{name}:80")):
        headers = (f"Host: {host}", f"Origin: http://{origin}")
        assert get(service.url, "/api/events", *headers).status == 200
        assert ask(service.url, "GET /api/stream HTTP/1.1", *headers, *UPGRADE).status == 101
