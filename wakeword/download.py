"""Download files to the user's cache: resume broken transfers, verify checksums, unpack archives whole.

An archive passes through three states in the cache: NAME.tar.gz.part, the bytes so far, with .validator beside it,
which identifies the version of the file; NAME.tar.gz, complete and verified; the folder NAME.
"""

from __future__ import annotations

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
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from wakeword.errors import DataError

RETRY_PAUSES = (1.0, 2.0, 4.0, 8.0, 16.0)  # seconds before each new attempt that follows one without progress

_TIMEOUT = 30.0  # seconds without a byte
_READ_BYTES = 1 << 20


class DownloadError(DataError):
    """Report a file that doesn't come, or comes damaged. Another source may have it."""


@dataclass(frozen=True)
class Archive:
    """A file on a server and its name in the cache; for an archive, the name without .tar.gz."""

    name: str
    url: str
    sha256: str
    without: str = ""  # how to do without it, for messages: "give ..."


def download_archive(archive: Archive, cache: Path, pauses: Sequence[float] = RETRY_PAUSES) -> Path:
    """Return the unpacked folder of an archive; download only what the cache lacks.

    pauses: seconds to wait before each new attempt; they start over after an attempt that received bytes.

    Raises:
        DownloadError: the server refuses or is unreachable, or the checksum is wrong.
        DataError: the disk is full.

    The bytes received are kept for the next call, unless their checksum is wrong.
    """
    folder = cache / archive.name
    whole = cache / f"{archive.name}.tar.gz"
    with saving(archive.name, cache, archive.without):
        if not folder.is_dir():
            with _progress() as progress:
                if not whole.is_file():
                    _download(archive, whole, pauses, progress)
                _unpack(whole, folder, progress)
        whole.unlink(missing_ok=True)
    return folder


def download_file(file: Archive, folder: Path, pauses: Sequence[float] = RETRY_PAUSES) -> Path:
    """Return the path of a file in the folder, under its own name; download it if it is missing.

    pauses, Raises: as `download_archive`.
    """
    whole = folder / file.name
    with saving(file.name, folder, file.without):
        if not whole.is_file():
            with _progress() as progress:
                _download(file, whole, pauses, progress)
    return whole


@contextmanager
def saving(name: str, folder: Path, without: str = "") -> Iterator[None]:
    """Make the folder of a file; report an error of the disk, there or in the block, as one DataError.

    without: how to do without the file, as for `Archive`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        reason = error.strerror or error
        raise DataError(
            f"cannot save {name} in {folder}: {reason}; what came is kept, free space and run the command again"
            f"{_or(without)}"
        ) from error


def _progress() -> Progress:
    """Make a progress bar on stderr, because a program may read stdout."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    return Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True))


def _download(archive: Archive, whole: Path, pauses: Sequence[float], progress: Progress) -> None:
    """Download to `whole`, which appears only when it is complete and its checksum is right."""
    part = whole.with_name(f"{whole.name}.part")
    _say(progress, f"{'resuming' if _size(part) else 'downloading'} {archive.url} to {part}")
    _fetch_persistently(archive, part, pauses, progress)
    found = _sha256(part, progress)
    _validator(part).unlink(missing_ok=True)
    if found != archive.sha256:
        part.unlink()
        raise DownloadError(
            f"{archive.url} came damaged (sha256 {found}) and was deleted; run the command again{_or(archive.without)}"
        )
    part.replace(whole)


def _fetch_persistently(archive: Archive, part: Path, pauses: Sequence[float], progress: Progress) -> None:
    """Fetch a file, resuming after each break, until it is complete or the attempts bring nothing more."""
    task = progress.add_task("downloading", total=None)
    vain = 0  # attempts since the last progress
    with httpx.Client(follow_redirects=True, timeout=_TIMEOUT) as client:
        while True:
            before = _size(part)
            try:
                for received, total in _fetch(client, archive.url, part):
                    progress.update(task, completed=received, total=total)
                return
            except httpx.HTTPError as error:
                vain = 0 if _size(part) > before else vain
                if _is_final(error) or vain >= len(pauses):
                    raise DownloadError(
                        f"cannot download {archive.url}: {_reason(error)}; {_kept(part)}{_or(archive.without)}"
                    ) from error
                left = len(pauses) - vain
                _say(
                    progress,
                    f"the download broke off: {_reason(error)}; trying again in {pauses[vain]:g} s, "
                    f"{left} time{'s' * (left > 1)} more if nothing comes",
                )
                time.sleep(pauses[vain])
                vain += 1


def _fetch(client: httpx.Client, url: str, part: Path) -> Iterator[tuple[int, int | None]]:
    """Append the missing bytes; start over if the server can't resume or has another version now.

    Yields after each chunk: the bytes received in all, and the size of the file, None if the server doesn't tell.
    """
    start = _size(part)
    headers = {"Accept-Encoding": "identity"}  # no compression on the way
    if start:
        headers["Range"] = f"bytes={start}-"
        if _validator(part).is_file():
            headers["If-Range"] = _validator(part).read_text("ascii")
    with client.stream("GET", url, headers=headers) as response:
        if start and response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # nothing is missing; the checksum verifies that
        response.raise_for_status()
        if response.headers.get("Content-Type", "").startswith("text/html"):  # of a network that wants a login
            raise httpx.RemoteProtocolError("a web page came in place of the file; does this network want a login?")
        resumed = response.status_code == httpx.codes.PARTIAL_CONTENT
        received = start if resumed else 0
        length = response.headers.get("Content-Length")
        total = received + int(length) if length else None
        with part.open("ab" if resumed else "wb") as file:
            _remember_version(response, part)
            for chunk in response.iter_raw():  # no fixed size, so that a break loses no buffered bytes
                file.write(chunk)
                received += len(chunk)
                yield received, total


def _remember_version(response: httpx.Response, part: Path) -> None:
    """Keep the validator of this version for If-Range, which takes no weak ETag (RFC 9110, section 13.1.5)."""
    etag = response.headers.get("ETag", "")
    version = response.headers.get("Last-Modified") if etag.startswith("W/") or not etag else etag
    if version:
        _validator(part).write_text(version, "ascii")
    else:
        _validator(part).unlink(missing_ok=True)


def _is_final(error: httpx.HTTPError) -> bool:
    """Tell whether a new attempt is pointless, because the server has refused."""
    if not isinstance(error, httpx.HTTPStatusError):
        return False
    passing = (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS)
    return error.response.is_client_error and error.response.status_code not in passing


def _say(progress: Progress, message: str) -> None:
    """Print a line above the bars."""
    progress.console.print(f"wakeword: {message}", markup=False, highlight=False, soft_wrap=True)


def _reason(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return f"nothing came for {_TIMEOUT:g} seconds"
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def _kept(part: Path) -> str:
    if not (size := _size(part)):
        return "run the command again"
    return f"what came is kept ({size / 1e6:.1f} MB in {part}), run the command again to resume"


def _or(without: str) -> str:
    return f", or {without}" if without else ""


def forget(whole: Path) -> None:
    """Delete what a broken download of a file has left; the file came another way."""
    part = whole.with_name(f"{whole.name}.part")
    for left in (part, _validator(part)):
        left.unlink(missing_ok=True)


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
    shutil.rmtree(unpacking, ignore_errors=True)  # left by a killed run
    # The filter refuses names that lead out of the folder. Python before 3.10.12 and 3.11.4 lacks it; there only the
    # checksum protects.
    safe: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    try:
        with (
            progress.open(archive, "rb", description="unpacking") as file,
            tarfile.open(fileobj=file, mode="r|gz") as tar,
        ):
            tar.extractall(unpacking, **safe)
        unpacking.rename(folder)
    except tarfile.TarError as error:
        raise DataError(f"cannot unpack {archive}: {error}; delete it and run the command again") from error
    finally:
        shutil.rmtree(unpacking, ignore_errors=True)  # if the disk was full, free its space
