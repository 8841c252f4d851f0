"""A release of the same commit has the same bytes; a page in an archive links to nothing that the archive lacks."""

from __future__ import annotations

import os
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tools.release.archives import alone, rewrite_tar
from tools.release.parts import arduino_library, esp_idf_component, esphome_component, npm_package
from tools.release.source import Source


@pytest.mark.parametrize("make", [arduino_library, esphome_component, esp_idf_component, npm_package])
def test_an_archive_made_again_has_the_same_bytes(
    make: Callable[[Source, Path], Path], source: Source, tmp_path: Path
) -> None:
    copy = tmp_path / "elsewhere"
    shutil.copytree(source.folder, copy)
    for path in copy.glob("**/*"):
        os.utime(path, (10**9, 10**9))
    made: list[bytes] = []
    for folder, project in (("first", source.folder), ("second", copy)):
        (tmp_path / folder).mkdir()
        made.append(make(replace(source, folder=project), tmp_path / folder).read_bytes())
    assert made[0] == made[1]


def test_a_tar_archive_is_written_anew_without_owner_order_and_times(tmp_path: Path) -> None:
    made: list[bytes] = []
    for names in ("ab", "ba"):
        out = tmp_path / f"{names}.tar.gz"
        with tarfile.open(out, "w:gz") as archive:
            for name in names:
                (tmp_path / name).write_text(name)
                os.utime(tmp_path / name, (len(made) + 1e9,) * 2)
                archive.add(tmp_path / name, name)
        rewrite_tar(out, 1_700_000_000)
        made.append(out.read_bytes())
    assert made[0] == made[1]
    with tarfile.open(tmp_path / "ba.tar.gz") as archive:
        assert [(it.name, it.mtime, it.uname) for it in archive] == [(name, 1_700_000_000, "") for name in "ab"]


@pytest.mark.parametrize(
    ("link", "kept"),
    [
        ("[boards](../docs/boards.md#pico)", "boards"),
        ("[wiring](extras/wiring.svg)", "[wiring](extras/wiring.svg)"),
        ("[the core](../firmware/src/core.c)", "[the core](../firmware/src/core.c)"),
        ("![wiring](extras/wiring.svg)", "![wiring](extras/wiring.svg)"),
        ("[above](#wiring)", "[above](#wiring)"),
        (
            "[arduino-cli](https://arduino.github.io/arduino-cli)",
            "[arduino-cli](https://arduino.github.io/arduino-cli)",
        ),
    ],
)
def test_a_page_keeps_the_links_to_files_beside_it_and_of_others_the_text(link: str, kept: str) -> None:
    names = {"firmware/extras/wiring.svg", "firmware/src/core.c"}
    assert alone(f"See {link}.", "firmware", names) == f"See {kept}."
