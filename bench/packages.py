"""Fetch packages of Debian and unpack them, without installing anything."""

from __future__ import annotations

import subprocess
from pathlib import Path

from wakeword.errors import DataError


def unpacked(package: str, folder: Path) -> Path:
    """Unpack a package into a folder, which is returned. Raises DataError if the package can't be had."""
    _run(["apt-get", "-qq", "download", package], folder, package)
    (file,) = folder.glob("*.deb")
    _run(["dpkg", "-x", str(file), str(folder)], folder, package)
    file.unlink()
    return folder


def _run(command: list[str], folder: Path, package: str) -> None:
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise DataError(f"{command[0]} is missing: this needs Debian or Ubuntu") from None
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip().splitlines() or [f"status {error.returncode}"])[-1]
        raise DataError(f"{package} can't be fetched: {reason}; try sudo apt-get update first") from error
