"""Archives whose bytes depend on their files alone: sorted names, one time, no owner."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import tarfile
import zipfile
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath

_EARLIEST = 315532800  # 1980 begins; a zip archive knows no earlier time


def write_zip(out: Path, files: Mapping[str, bytes], time: int) -> Path:
    """Write a zip archive of these files, by name; time: of each, in seconds since 1970."""
    stamp = datetime.fromtimestamp(max(time, _EARLIEST), timezone.utc).timetuple()[:6]
    with zipfile.ZipFile(out, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, stamp)
            entry.create_system = 3  # Unix, wherever this runs
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, files[name], zipfile.ZIP_DEFLATED, 9)
    return out


def rewrite_tar(path: Path, time: int) -> None:
    """Write a .tar.gz anew in place, sorted, without the owner and the times of its files."""
    packed = io.BytesIO()
    with tarfile.open(path) as old, tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as new:
        for entry in sorted(old.getmembers(), key=lambda entry: entry.name):
            entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = time, 0, 0, "", ""
            entry.pax_headers = {}
            new.addfile(entry, old.extractfile(entry))
    path.write_bytes(gzip.compress(packed.getvalue(), mtime=time))


def files_below(folder: Path) -> dict[str, bytes]:
    """Return all files below a folder, by their path from it."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.glob("**/*") if path.is_file()}


def alone(page: str, here: str, names: set[str]) -> str:
    """Return a page of Markdown without the links to files that an archive doesn't have: their text stays.

    here: the page's folder in the project. names: the files of the archive, by their path in the project.
    """

    def kept(link: re.Match[str]) -> str:
        target = link[2].partition("#")[0]
        if not target or ":" in target:  # within the page, or on the web
            return link[0]
        parts: list[str] = []
        for part in PurePosixPath(here, target).parts:
            parts = parts[:-1] if part == ".." else [*parts, part]
        return link[0] if "/".join(parts) in names else link[1]

    return re.sub(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)", kept, page)


def checksums(files: list[Path]) -> str:
    """Return a line for each file, as `sha256sum --check` reads it."""
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(files))
