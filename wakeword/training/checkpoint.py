"""Checkpoints: the state of a run after each epoch, so that it can go on if it is killed."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from wakeword.errors import DataError
from wakeword.files import write_whole


def as_bytes(content: Any) -> bytes:
    """Return the bytes that torch.save writes."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


@dataclass(frozen=True)
class Checkpoint:
    """The checkpoint file of a run. The fingerprint tells that run from others."""

    path: Path
    fingerprint: str

    def write(self, content: dict[str, Any]) -> None:
        """Replace the file whole. Raises WakewordError if it can't be written."""
        write_whole(self.path, as_bytes(content | {"fingerprint": self.fingerprint}))

    def read(self) -> dict[str, Any] | None:
        """Return the content that the same run wrote. None if there is no file, or if it is of another run.

        Raises DataError for a file that can't be read.
        """
        if not self.path.is_file():
            return None
        try:
            content: dict[str, Any] = torch.load(self.path, weights_only=True, map_location="cpu")
        except Exception as error:  # torch has no exception of its own for a file that it can't read
            raise DataError(f"the checkpoint {self.path} can't be read; train with --fresh to begin anew") from error
        return content if content.get("fingerprint") == self.fingerprint else None

    def remove(self) -> None:
        """Remove the file, if there is one."""
        self.path.unlink(missing_ok=True)
