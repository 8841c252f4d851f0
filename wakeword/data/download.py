"""Download Speech Commands to the user's cache."""

from __future__ import annotations

from pathlib import Path

import platformdirs

from wakeword.download import Archive, download_archive
from wakeword.errors import DataError

BASE_URL = "http://download.tensorflow.org/data"

_SHA256 = {
    "v0.01": "743935421bb51cccdb6bdd152e04c5c70274e935c82119ad7faeec31780d811d",
    "v0.02": "af14739ee7dc311471de98f5f9d2c9191b18aedfe957f4a6ff791c709868ff58",
}


def download_speech_commands(version: str = "v0.02", cache: Path | None = None, base_url: str = BASE_URL) -> Path:
    """Return the folder of Speech Commands v0.01 (1.4 GB) or v0.02 (2.3 GB); download it if it is missing.

    cache: the folder to keep it in; None is the user's cache.

    Raises:
        DataError: the version is unknown, or as `download_archive`.
    """
    if version not in _SHA256:
        raise DataError(f"there is no Speech Commands {version!r}; choose {' or '.join(_SHA256)}")
    name = f"speech_commands_{version}"
    archive = Archive(name, f"{base_url}/{name}.tar.gz", _SHA256[version], "do without: give a folder by --data DIR")
    return download_archive(archive, cache or platformdirs.user_cache_path("wakeword", appauthor=False))
