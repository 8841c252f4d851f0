"""Files from their servers to the user's cache: resumed after a break, checked, archives unpacked as a whole.

Of an archive, in the cache lie, one after the other: NAME.tar.gz.part, as far as it came, and beside it .validator,
which says of what version of the file it is a part; NAME.tar.gz, complete and checked; the folder NAME.
"""

import hashlib
import shutil
import tarfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import platformdirs
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from wakeword.errors import WakewordError

BASE_URL = "http://download.tensorflow.org/data"
RETRY_PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)  # seconds; growing for as long as attempts bring nothing

_SHA256 = {
    "v0.01": "743935421bb51cccdb6bdd152e04c5c70274e935c82119ad7faeec31780d811d",
    "v0.02": "af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58",
}
_TIMEOUT = 30.0  # seconds without a byte
_READ_BYTES = 1 << 20


@dataclass(frozen=True)
class Archive:
    """A file on a server, mostly a .tar.gz, and what it is called in the cache."""

    name: str
    url: str
    sha256: str


def download_speech_commands(version: str = "v0.02", cache: Path | None = None, base_url: str = BASE_URL) -> Path:
    """The folder of Speech Commands v0.01 (1.4 GB to load) or v0.02 (2.3 GB), loaded if it isn't there yet.

    cache: the folder to keep it in; None is the user's cache.

    Raises:
        WakewordError: an unknown version, or as `download_archive`.
    """
    if version not in _SHA256:
        raise WakewordError(f"there is no Speech Commands {version}; there are {' and '.join(_SHA256)}")
    name = f"speech_commands_{version}"
    archive = Archive(name, f"{base_url}/{name}.tar.gz", _SHA256[version])
    return download_archive(archive, cache or platformdirs.user_cache_path("wakeword", appauthor=False))


def download_archive(archive: Archive, cache: Path, pauses: Sequence[float] = RETRY_PAUSES) -> Path:
    """The unpacked folder of an archive in the cache; what is there of it already is used.

    pauses: seconds to wait before each new attempt; they begin anew whenever an attempt brought something.

    Raises:
        WakewordError: the server refuses or stays away, the checksum is wrong, or the disk takes no more.
            What came is kept for the next call, unless its checksum is wrong.
    """
    folder = cache / archive.name
    whole = cache / f"{archive.name}.tar.gz"
    with _saving(archive, cache):
        if not folder.is_dir():
            with _progress() as progress:
                if not whole.is_file():
                    _download(archive, whole, pauses, progress)
                _unpack(whole, folder, progress)
        whole.unlink(missing_ok=True)
    return folder


def download_file(file: Archive, folder: Path, pauses: Sequence[float] = RETRY_PAUSES) -> Path:
    """A file as it is on the server, in the folder under its own name; one that is there is used.

    pauses, Raises: as `download_archive`.
    """
    whole = folder / file.name
    with _saving(file, folder):
        if not whole.is_file():
            with _progress() as progress:
                _download(file, whole, pauses, progress)
    return whole


@contextmanager
def _saving(file: Archive, folder: Path) -> Iterator[None]:
    """Make the folder; what the disk has against it, or against anything then done there, is one line."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        reason = error.strerror or error
        raise WakewordError(f"cannot save {file.name} in {folder}: {reason}; what came is kept") from error


def _progress() -> Progress:
    """Bars on stderr, since stdout may be read by a program."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True))


def _download(archive: Archive, whole: Path, pauses: Sequence[float], progress: Progress) -> None:
    """Bring the archive to `whole`, where it appears all at once, and only if its checksum is right."""
    part = whole.with_name(f"{whole.name}.part")
    _fetch_persistently(archive.url, part, pauses, progress)
    found = _sha256(part, progress)
    _validator(part).unlink(missing_ok=True)
    if found != archive.sha256:
        part.unlink()
        raise WakewordError(f"{archive.url} came damaged (sha256 {found}) and is thrown away; try again")
    part.replace(whole)


def _fetch_persistently(url: str, part: Path, pauses: Sequence[float], progress: Progress) -> None:
    """Fetch, and where the connection breaks go on from there, until all has come or nothing more comes."""
    task = progress.add_task("downloading", total=None)
    vain = 0  # attempts since one that brought something
    with httpx.Client(follow_redirects=True, timeout=_TIMEOUT) as client:
        while True:
            before = _size(part)
            try:
                for received, total in _fetch(client, url, part):
                    progress.update(task, completed=received, total=total)
                return
            except httpx.HTTPError as error:
                vain = 0 if _size(part) > before else vain
                if _is_final(error) or vain >= len(pauses):
                    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
                    raise WakewordError(f"cannot download {url}: {reason}; what came is kept") from error
                time.sleep(pauses[vain])
                vain += 1


def _fetch(client: httpx.Client, url: str, part: Path) -> Iterator[tuple[int, int | None]]:
    """Append what is missing of the file, or start anew where the server won't go on or has another file now.

    Yields the bytes that are there and the bytes in all, as they come.
    """
    start = _size(part)
    headers = {"Accept-Encoding": "identity"}  # the archive as it is
    if start:
        headers["Range"] = f"bytes={start}-"
        if _validator(part).is_file():
            headers["If-Range"] = _validator(part).read_text("ascii")
    with client.stream("GET", url, headers=headers) as response:
        if start and response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # nothing is missing; the checksum will say whether that is true
        response.raise_for_status()
        resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
        received = start if resumed else 0
        length = response.headers.get("Content-Length")
        total = received + int(length) if length else None
        with part.open("ab" if resumed else "wb") as file:
            _remember_version(response, part)
            for chunk in response.iter_raw():  # of no fixed size, so that none is lost in a buffer at a break
                file.write(chunk)
                received += len(chunk)
                yield received, total


def _remember_version(response: httpx.Response, part: Path) -> None:
    """Keep what If-Range takes to name this version of the file; a weak ETag is none (RFC 9110, 13.1.5)."""
    etag = response.headers.get("ETag", "")
    version = response.headers.get("Last-Modified") if etag.startswith("W/") or not etag else etag
    if version:
        _validator(part).write_text(version, "ascii")
    else:
        _validator(part).unlink(missing_ok=True)


def _is_final(error: httpx.HTTPError) -> bool:
    """Whether trying again is of no use: the server has answered that it won't."""
    if not isinstance(error, httpx.HTTPStatusError):
        return False
    passing = (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS)
    return error.response.is_client_error and error.response.status_code not in passing


def _validator(part: Path) -> Path:
    return part.with_name(f"{part.name}.validator")


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _sha256(path: Path, progress: Progress) -> str:
    digest = hashlib.sha256()
    with progress.open(path, "rb", description="checking") as file:
        while chunk := file.read(_READ_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _unpack(archive: Path, folder: Path, progress: Progress) -> None:
    """Unpack beside the folder and rename, so that a folder of this name is always complete."""
    unpacking = folder.with_name(f"{folder.name}.unpacking")
    shutil.rmtree(unpacking, ignore_errors=True)  # what a killed run has left
    # The filter refuses names that lead out of the folder. Python before 3.10.12 and 3.11.4 has none: there
    # the checksum alone vouches for the archive.
    safe: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    try:
        with (
            progress.open(archive, "rb", description="unpacking") as file,
            tarfile.open(fileobj=file, mode="r|gz") as tar,
        ):
            tar.extractall(unpacking, **safe)
        unpacking.rename(folder)
    except tarfile.TarError as error:
        raise WakewordError(f"cannot unpack {archive}: {error}") from error
    finally:
        shutil.rmtree(unpacking, ignore_errors=True)  # after a full disk, its room
