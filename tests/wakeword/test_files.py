"""A folder is removed with all that is in it, and nothing beside it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wakeword.files import remove_folder


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
