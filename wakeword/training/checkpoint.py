"""What a training run leaves behind after each epoch, so that it can go on after a kill."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import torch

from wakeword.errors import WakewordError
from wakeword.files import write_whole


def as_bytes(content: Any) -> bytes:
    """What torch.save makes of it."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def write_checkpoint(path: Path, fingerprint: str, content: dict[str, Any]) -> None:
    """Replace the checkpoint whole. The fingerprint tells one run from another. Raises WakewordError."""
    write_whole(path, as_bytes(content | {"fingerprint": fingerprint}))


def read_checkpoint(path: Path, fingerprint: str) -> dict[str, Any] | None:
    """What the same run left, or None: there is none, or it is of another run, and is left until it is overwritten.

    Raises WakewordError for a file that can't be read.
    """
    if not path.is_file():
        return None
    try:
        content: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    except Exception as error:  # torch has no exception of its own for a file that it can't read
        raise WakewordError(f"the checkpoint {path} can't be read; train with --fresh to begin anew") from error
    return content if content.get("fingerprint") == fingerprint else None
