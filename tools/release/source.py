"""What a release is made of: a copy of the project's files. Nothing else gets into it, and nothing is built here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_MADE_HERE = shutil.ignore_patterns(
    ".git",
    ".venv",
    ".*_cache",
    ".hypothesis",
    "__pycache__",
    "*.so",
    "*.o",
    "_core.c",
    "build",
    "dist",
    "*.egg-info",
    "runs",
)


@dataclass(frozen=True)
class Source:
    """The files of the project in a folder, and what is told of them."""

    folder: Path
    version: str
    time: int  # seconds since 1970, of the last commit: every file of an archive has it; 0 if it isn't known

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables that a tool is run with."""
        return {**os.environ, "SOURCE_DATE_EPOCH": str(self.time)}


def copied(folder: Path) -> Source:
    """Copy the project's files, as they are now, to a new folder.

    They are those that git knows or would add. Without git, as in an unpacked source distribution, they are all but
    what a build makes. SOURCE_DATE_EPOCH, if it is set, is their time.
    """
    if (listed := _git("ls-files", "-z", "--cached", "--others", "--exclude-standard")) is None:
        shutil.copytree(ROOT, folder, ignore=_MADE_HERE)
    else:
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():  # else it is deleted, and not committed yet
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)
    version = re.search(r'^version = "(.+)"$', (folder / "pyproject.toml").read_text(), re.M)
    assert version
    time = int(os.environ.get("SOURCE_DATE_EPOCH") or _git("log", "-1", "--format=%ct") or 0)
    return Source(folder, version[1], time)


def uncommitted() -> list[str]:
    """Return what differs from the last commit, a line of `git status` each; empty without git."""
    return (_git("status", "--porcelain") or "").splitlines()


def _git(*arguments: str) -> str | None:
    """Return what git says of the project, or None if it isn't a checkout that git reads."""
    if not (ROOT / ".git").exists():
        return None
    done = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True, text=True)
    return None if done.returncode else done.stdout
