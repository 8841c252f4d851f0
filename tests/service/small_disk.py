"""A real disk that is soon full: a small file system in memory, where the user may mount one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.processes import run

_FILLER = "filler"


@contextmanager
def small_disk(folder: Path, megabytes: int = 24) -> Iterator[Path]:
    """Mount a disk of this size at a new folder, for the length of the block. Skip the test if that is not allowed."""
    disk = folder / "disk"
    disk.mkdir()
    mounted = run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", disk])
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    try:
        yield disk
    finally:
        assert run(["umount", "--lazy", disk]).returncode == 0


def fill(disk: Path) -> None:
    """Leave no room for another page."""
    filler = os.open(disk / _FILLER, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    try:
        while os.write(filler, bytes(4096)):
            pass
    except OSError:
        pass
    finally:
        os.close(filler)


def empty(disk: Path) -> None:
    """Take away what `fill` has put there."""
    (disk / _FILLER).unlink()


def make_read_only(disk: Path) -> None:
    """Let nobody write to the disk any more."""
    assert run(["mount", "-o", "remount,ro", disk]).returncode == 0
