"""Proxies with TLS before a service, configured by the blocks of docs/service.md."""

from __future__ import annotations

import os
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Page

from bench.chromium import chromium
from tests import processes
from tests.signals import demo
from tests.waits import PATIENCE, until
from wakeword.audio.files import write_wav

_DOCUMENT = Path(__file__).parents[2] / "docs" / "service.md"
_NGINX = """
daemon off; {user} pid {folder}/nginx.pid; error_log stderr; events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {block}
}}
"""


def _documented(language: str) -> str:
    """Return the block of the page in a proxy's language."""
    (block,) = re.findall(rf"^```{language}\n(.*?)^```$", _DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)
    return str(block)


def _replaced(block: str, **texts: str) -> str:
    """Replace each of these lines' parts, which must be there once."""
    for old, new in texts.items():
        assert block.count(old) == 1, old
        block = block.replace(old, new)
    return block


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for localhost that nobody trusts, and its key."""
    certificate, key = folder / "localhost.pem", folder / "localhost.key"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "1",
    ]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    done = processes.run([*command, *names, "-out", certificate, "-keyout", key])
    assert done.returncode == 0, done.stderr
    return certificate, key


@contextmanager
def nginx(service: str, folder: Path) -> Iterator[str]:
    """Run nginx before a service. Yield its URL."""
    port, (certificate_file, key) = _free_port(), certificate(folder)
    block = _replaced(
        _documented("nginx"),
        **{
            "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
            "/etc/ssl/certs/home.example.pem": str(certificate_file),
            "/etc/ssl/private/home.example.key": str(key),
            "http://127.0.0.1:8765": service,
        },
    )
    with _running_nginx(block, port, folder) as url:
        yield url


@contextmanager
def _running_nginx(block: str, port: int, folder: Path) -> Iterator[str]:
    configuration = folder / "nginx.conf"
    user = "user root;" if os.geteuid() == 0 else ""
    configuration.write_text(_NGINX.format(folder=folder, block=block, user=user))
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program is not None, "nginx is missing: scripts/system-packages test installs it"
    with _answering([program, "-p", folder, "-e", "stderr", "-c", configuration], port) as url:
        yield url


@contextmanager
def ingress(service: str, path: str, folder: Path) -> Iterator[str]:
    """Run nginx as Home Assistant's ingress before a service, with a page that frames it. Yield its URL."""
    port, (certificate_file, key) = _free_port(), certificate(folder)
    (folder / "index.html").write_text(f"<!doctype html><title>Home</title><iframe src='{path}/' width=900 height=900>")
    block = f"""
        server {{
            listen 127.0.0.1:{port} ssl;
            ssl_certificate {certificate_file};
            ssl_certificate_key {key};
            root {folder};
            location {path}/ {{
                proxy_pass {service}/;
                proxy_http_version 1.1;
                proxy_set_header Host $http_host;
                proxy_set_header Upgrade $http_upgrade;
                proxy_set_header Connection "upgrade";
                proxy_set_header X-Ingress-Path {path};
                proxy_set_header X-Forwarded-For $remote_addr;
            }}
        }}"""
    with _running_nginx(block, port, folder) as url:
        yield url


@contextmanager
def caddy(service: str, folder: Path) -> Iterator[str]:
    """Run Caddy before a service. Yield its URL."""
    port, (certificate_file, key) = _free_port(), certificate(folder)
    block = _replaced(
        _documented("caddy"),
        **{
            "home.example {": f"https://localhost:{port} {{\n    tls {certificate_file} {key}\n    bind 127.0.0.1",
            "127.0.0.1:8765": service.removeprefix("http://"),
        },
    )
    configuration = folder / "Caddyfile"
    configuration.write_text(
        f"{{\n    admin off\n    auto_https disable_redirects\n    skip_install_trust\n}}\n{block}"
    )
    program = shutil.which("caddy")
    assert program is not None
    home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    with _answering([program, "run", "--config", configuration, "--adapter", "caddyfile"], port, home) as url:
        yield url


@contextmanager
def _answering(command: processes.Command, port: int, environment: dict[str, str] | None = None) -> Iterator[str]:
    url = f"https://localhost:{port}"

    def answers() -> bool:
        assert process.poll() is None, "the proxy has ended"
        try:
            return httpx.get(url, verify=False).status_code < 500
        except httpx.TransportError:
            return False

    with processes.started(command, stdout=None, stderr=None, environment=environment) as process:
        until(answers)
        yield url


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def page(folder: Path) -> Iterator[Page]:
    """A page in Chromium, which trusts any certificate and whose microphone plays the demo recording."""
    tape = folder / "demo.wav"
    write_wav(tape, demo())
    with chromium(microphone=tape) as browser:
        page = browser.new_context(ignore_https_errors=True).new_page()
        page.set_default_timeout(1000 * PATIENCE)
        yield page
