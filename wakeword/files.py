"""Writing a file whole, or not at all, and for its owner alone if it is private; removing a folder."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from wakeword.errors import DataError

_NAMED = 200  # bytes of a file's name in that of its part, which may be no longer than 255
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
CACHE_ADVICE = "free space there, or let this user write to the cache"
_REMOVERS = 8  # files that are removed at once


def write_whole(path: Path, data: bytes, private: bool = False, advice: str = "choose another path") -> None:
    """Write a file so that a reader, a crash or a full disk never meets half of it.

    path: a link is followed, unless the file is private. A folder, a device or a pipe there stays as it is.
    private: nobody but the owner can read the file, nor a folder made for it, from the moment that it exists.
    advice: how to go on if it can't be written, for the message.

    Raises DataError if it can't be written.
    """
    if path.exists() and not path.is_file():  # renaming would replace a device by a file
        raise DataError(f"{path} is {_what(path)}, which can't be written as a file; choose the path of a file")
    named, path = path, path if private else Path(os.path.realpath(path))
    name = path.name.encode(errors="surrogateescape")[:_NAMED].decode(errors="ignore")
    part = path.with_name(f".{name}.{os.getpid()}.part")
    try:
        if private:
            private_folder(path.parent)
            part.unlink(missing_ok=True)  # of a crash before; it may be open to others
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
        with open(part, "wb", opener=private_opener if private else None) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):  # there may be no part, or no folder
            part.unlink()
        raise DataError(
            f"{named} can't be written: {error.strerror}; an earlier file is unchanged; {advice}"
        ) from error


def _what(path: Path) -> str:
    return "a folder" if path.is_dir() else "a device or a pipe"


def private_opener(path: str, flags: int) -> int:
    """Open a file, as `opener` of `open`. If it is new, only its owner can read it."""
    return os.open(path, flags, 0o600)


def private_folder(folder: Path) -> None:
    """Make a folder that only its owner can enter, and its parents. Leave those that exist.

    Raises OSError if it can't be made.
    """
    for parent in (*reversed(folder.parents), folder):
        parent.mkdir(mode=0o700, exist_ok=True)


def make_private(folder: Path) -> None:
    """Make a folder that only its owner can enter. If others can enter it by now, close it and all that it holds.

    Raises DataError if it can't be made or closed.
    """
    try:
        private_folder(folder)
        mode = folder.stat().st_mode
        if mode & stat.S_ISVTX:
            raise DataError(f"{folder} is a folder of all users; choose another")
        if mode & _OTHERS:
            folder.chmod(stat.S_IMODE(mode) & ~_OTHERS)
            for path in folder.rglob("*"):
                with contextlib.suppress(FileNotFoundError):
                    if not path.is_symlink():
                        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~_OTHERS)
    except OSError as error:
        raise DataError(
            f"{folder} can't be made private: {error.strerror}; give it to this user, or choose another"
        ) from error


def remove_folder(folder: Path) -> None:
    """Remove a folder with all that is in it; links aren't followed.

    Files go several at a time: a disk that is told of every block that it may forget takes milliseconds for each.

    Raises OSError if something stays.
    """
    with ThreadPoolExecutor(_REMOVERS) as pool:
        for root, _, names in os.walk(folder) if not folder.is_symlink() else ():
            list(pool.map(_remove_quietly, (os.path.join(root, name) for name in names)))
    shutil.rmtree(folder)  # which tells what stays


def _remove_quietly(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)
