"""Download Kokoro's model and voices from where they are published."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from wakeword.download import RETRY_PAUSES, Archive, download_file

BASE_URL = "https://github.com/thewh1teagle/kokoro-onnx/releases/download/model-files-v1.0"

_SHA256 = {
    "kokoro-v1.0.int8.onnx": "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb",
    "voices-v1.0.bin": "bca610b8308e8d99f32e6fe4197e7ec01679264efed0cac9140fe9c29f1fbf7d",
}


def fetch_kokoro(folder: Path, base_url: str = BASE_URL, pauses: Sequence[float] = RETRY_PAUSES) -> None:
    """Download the model (92 MB, Apache-2.0) and the voices (28 MB) to a folder, unless they are there.

    pauses: seconds to wait before each new attempt.

    Raises:
        DataError: as `wakeword.download.download_file`.
    """
    for name, sha256 in _SHA256.items():
        download_file(Archive(name, f"{base_url}/{name}", sha256), folder, pauses)
