"""Lists of validation and test clips keep their clips apart, whatever editor and system wrote them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.wakeword.data.clips import write_clips
from wakeword.data.folders import split_list_lines
from wakeword.data.speech_commands import list_clips
from wakeword.errors import DataError

NAMES = ["ada_nohash_0.wav", "bob_nohash_0.wav", "zoé_nohash_0.wav"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_clips(tmp_path / "yes", NAMES)
    return tmp_path


def in_test(root: Path) -> list[str]:
    return [clip.path.name for clip in list_clips(root, "test")]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
@pytest.mark.parametrize("between", ["/", "\\"])
def test_a_list_is_read_in_any_encoding_with_any_slash(root: Path, encoding: str, between: str, line_end: str) -> None:
    lines = ["", *(f"yes{between}{name}" for name in (NAMES[0], NAMES[2])), ".", "  "]
    (root / "testing_list.txt").write_bytes(line_end.join(lines).encode(encoding))
    assert in_test(root) == [NAMES[0], NAMES[2]]
    assert len(list_clips(root, "training")) == 1
    assert not list(split_list_lines(root))


@pytest.mark.parametrize(
    "line",
    [
        "./yes/ada_nohash_0.wav",
        "yes//ada_nohash_0.wav",
        "/home/ada/clips/yes/ada_nohash_0.wav",
        r"C:\Users\ada\clips\yes\ada_nohash_0.wav",
        "clips/yes/ada_nohash_0.flac",
        "Yes/ADA_nohash_0.WAV",
        "yes/ada_nohash_0",
        '"yes/ada_nohash_0.wav"',
        " yes/ada_nohash_0.wav\t",
    ],
)
def test_a_name_is_found_by_its_last_two_parts(root: Path, line: str) -> None:
    (root / "testing_list.txt").write_text(f"{line}\n")
    assert in_test(root) == NAMES[:1]


@pytest.mark.parametrize("line", ["yes/ada/1.wav", "/home/me/clips/yes/ada/1.wav", r"Yes\ADA\1.flac"])
def test_a_clip_in_a_speakers_folder_is_named_from_the_word_on(tmp_path: Path, line: str) -> None:
    for folder in ("yes/ada", "yes/bob", "no/ada"):
        write_clips(tmp_path / folder, ["1.wav"])
    (tmp_path / "testing_list.txt").write_text(f"{line}\n")
    assert [clip.name for clip in list_clips(tmp_path, "test")] == ["yes/ada/1.wav"]
    assert not list(split_list_lines(tmp_path))
    (tmp_path / "testing_list.txt").write_text("ada/1.wav\n")
    assert list_clips(tmp_path, "test") == []
    assert "1 of 1 names of testing_list.txt match no clip" in next(split_list_lines(tmp_path))


def test_accents_may_be_composed_or_not(root: Path) -> None:
    (root / "testing_list.txt").write_text("yes/zoe\u0301_nohash_0.wav\n", "utf-8")
    assert in_test(root) == NAMES[2:]


def test_a_name_with_dots_and_without_an_ending_is_its_own_clip(root: Path) -> None:
    write_clips(root / "yes", ["take.1.wav", "take.2.wav"])
    (root / "testing_list.txt").write_text("yes/take.1\n")
    assert in_test(root) == ["take.1.wav"]


def test_names_that_match_nothing_are_counted_in_one_line(root: Path) -> None:
    (root / "testing_list.txt").write_text("yes/ada_nohash_0.wav\nno/ada_nohash_0.wav\n../x\n")
    (root / "validation_list.txt").write_text("ada_nohash_0.wav\n")
    (line,) = split_list_lines(root)
    assert "2 of 3 names of testing_list.txt match no clip, such as 'no/ada_nohash_0.wav'" in line
    assert "1 of 1 names of validation_list.txt" in line
    assert in_test(root) == NAMES[:1]


def test_bytes_of_no_text_and_a_file_that_cannot_be_read_end_in_no_traceback(root: Path) -> None:
    (root / "testing_list.txt").write_bytes(bytes(range(256)) * 4)
    assert in_test(root) == []
    (root / "testing_list.txt").unlink()
    (root / "testing_list.txt").symlink_to("/proc/self/mem")
    if os.path.isfile("/proc/self/mem"):
        with pytest.raises(DataError, match=r"cannot read .*testing_list\.txt"):
            list_clips(root, "test")
