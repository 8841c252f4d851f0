"""A file is written in place of a file alone; a folder is removed with all that is in it, and nothing beside it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wakeword.errors import DataError
from wakeword.files import remove_folder, write_whole


def test_a_folder_goes_with_all_that_is_below_it_but_not_what_its_links_lead_to(tmp_path: Path) -> None:
    beside = tmp_path / "beside"
    beside.mkdir()
    (beside / "kept").write_bytes(b"kept")
    folder = tmp_path / "folder"
    for number in range(30):
        path = folder / f"{number % 3}" / f"{number}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"gone")
    (folder / "file").symlink_to(beside / "kept")
    (folder / "inside").symlink_to(beside)
    os.link(beside / "kept", folder / "other name")
    remove_folder(folder)
    assert not folder.exists()
    assert (beside / "kept").read_bytes() == b"kept"


def test_what_cannot_be_removed_is_told(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other/kept").write_bytes(b"kept")
    (tmp_path / "link").symlink_to(tmp_path / "other")
    with pytest.raises(OSError, match="symbolic link"):
        remove_folder(tmp_path / "link")
    assert (tmp_path / "other/kept").exists()
    with pytest.raises(FileNotFoundError):
        remove_folder(tmp_path / "nothing")


@pytest.mark.skipif(os.name == "nt", reason="pipes have names elsewhere only")
def test_a_pipe_or_a_folder_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(DataError, match=r"pipe is a device or a pipe.*choose the path of a file"):
        write_whole(pipe, b"new")
    assert pipe.is_fifo()
    for folder in (tmp_path, Path("."), Path("/")):
        with pytest.raises(DataError, match=r"is a folder.*choose the path of a file"):
            write_whole(folder, b"new")
    assert os.listdir(tmp_path) == ["pipe"]


def test_a_link_to_a_file_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    link, file = tmp_path / "link", tmp_path / "far" / "file"
    link.symlink_to(file)
    for content in (b"first", b"second"):
        write_whole(link, content)
        assert link.is_symlink()
        assert file.read_bytes() == content
    assert os.listdir(tmp_path / "far") == ["file"]


def test_a_private_file_replaces_a_link(tmp_path: Path) -> None:
    link, file = tmp_path / "link", tmp_path / "file"
    file.write_bytes(b"another's")
    link.symlink_to(file)
    write_whole(link, b"mine", private=True)
    assert (link.is_symlink(), link.read_bytes(), file.read_bytes()) == (False, b"mine", b"another's")
