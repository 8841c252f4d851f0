"""Read `validation_list.txt` and `testing_list.txt`, which name the clips of these splits, from whatever editor."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from wakeword.errors import DataError
from wakeword.model.labels import comparable
from wakeword.text import composed

Split = Literal["training", "validation", "test", "all"]
SPLITS: tuple[Split, ...] = get_args(Split)

LIST_FILES: dict[str, Split] = {"validation_list.txt": "validation", "testing_list.txt": "test"}
_MAX_BYTES = 1 << 28  # of a list; the largest known have some ten thousand names
_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF32_LE: "utf-32-le", codecs.BOM_UTF32_BE: "utf-32-be"}
_MARKS |= {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}  # after UTF-32, whose mark begins alike
_DEEPEST = 8  # parts of a clip's name
_ENDING = re.compile(r"\.[A-Za-z]\w{1,4}$")

_Name = tuple[str, ...]  # the word's folder, a speaker's folder if there is one, the file without its ending


@dataclass(frozen=True)
class Unmatched:
    """The names of a list that match no clip."""

    file: str
    count: int
    names: int  # in the list
    example: str


class SplitLists:
    """The splits of the clips that the lists name; any other clip is for training."""

    def __init__(self, lists: dict[str, list[str]]) -> None:
        """Take the lines of each list, by the name of its file."""
        self._lists = lists
        self._splits: dict[_Name, Split] = {}
        self._loose: dict[_Name, Split] = {}  # by what is left of a name without case and the like
        for file, lines in lists.items():
            for name in (name for line in lines for name in _names(line)):
                self._splits[name] = LIST_FILES[file]
                self._loose[_loose(name)] = LIST_FILES[file]

    def split_of(self, clip: str) -> Split:
        """Return the split of a clip, by its name below the data folder; re-coded clips keep theirs."""
        name = _name_of(clip)
        return self._splits.get(name) or self._loose.get(_loose(name), "training")

    def unmatched(self, clips: Iterable[str]) -> Iterator[Unmatched]:
        """Count the names of each list that match none of these clips, each named as for `split_of`."""
        known = {_loose(_name_of(clip)) for clip in clips}
        for file, lines in self._lists.items():
            lost = [line for line in lines if not any(_loose(name) in known for name in _names(line))]
            if lost:
                yield Unmatched(file, len(lost), len(lines), lost[0])


def read_split_lists(root: Path) -> SplitLists | None:
    """Read the lists of a data folder; None if it has none.

    They may be in UTF-8, UTF-16 or Latin-1, with or without a byte order mark. A name may be an absolute path, and have
    backslashes, another case, or the ending of another format; only its end is compared, which begins with the word.

    Raises:
        DataError: a list can't be read.
    """
    lists = {name: _lines(root / name) for name in LIST_FILES if (root / name).is_file()}
    return SplitLists(lists) if lists else None


def _lines(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}; remove it to split the clips by speaker") from error
    if len(data) > _MAX_BYTES:
        raise DataError(f"{path} is larger than {_MAX_BYTES // (1 << 20)} MB; give a list of one name on each line")
    lines = (line.strip().strip("\"'").strip() for line in _decoded(data).splitlines())
    return [line for line in lines if line not in ("", ".")]


def _decoded(data: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if b"\0" in data[:2]:  # a name begins with a letter of ASCII, whose other byte in UTF-16 is zero
        return data.decode("utf-16-be" if data[:1] == b"\0" else "utf-16-le", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")  # Latin-1 with the letters that Windows adds


def _names(line: str) -> Iterator[_Name]:
    """Yield the clips that a line may name: the word's folder is any but the last of its parts."""
    parts = [composed(part) for part in re.split(r"[\\/]+", line) if part not in ("", ".")]
    for start in range(max(0, len(parts) - _DEEPEST), len(parts) - 1):
        if ".." not in parts[start:]:
            yield (*parts[start:-1], _ENDING.sub("", parts[-1]))


def _name_of(clip: str) -> _Name:
    *folders, file = composed(clip).split("/")
    return (*folders, os.path.splitext(file)[0])


def _loose(name: _Name) -> _Name:
    return comparable(name[0]), *(part.casefold() for part in name[1:])
