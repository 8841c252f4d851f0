"""Audacity's label files."""

from __future__ import annotations

from pathlib import Path

import pytest

from wakeword.data.annotations import Annotation, read_annotations
from wakeword.errors import WakewordError


def test_words_come_in_the_order_of_their_starts(tmp_path: Path) -> None:
    file = tmp_path / "labels.txt"
    file.write_text("3.5\t4.25\they lumen\n\n0.5\t1\talexa \n\\\t200\t4000\n", "utf-8")
    assert read_annotations(file) == [Annotation("alexa", 0.5, 1.0), Annotation("hey lumen", 3.5, 4.25)]


@pytest.mark.parametrize(
    "line", ["0.5 1.0 alexa", "0.5\t1.0", "0.5\t1.0\t", "one\ttwo\talexa", "2\t1\talexa", "-1\t1\talexa", "0\tnan\ta"]
)
def test_a_line_that_is_no_label_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "labels.txt"
    file.write_text(f"0\t1\talexa\n{line}\n")
    with pytest.raises(WakewordError, match=r"line 2 of .*labels.txt is not start, end and word"):
        read_annotations(file)


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WakewordError, match=r"cannot read .*: No such file"):
        read_annotations(tmp_path / "none.txt")
    (tmp_path / "empty.txt").write_text("\n")
    with pytest.raises(WakewordError, match="names no word"):
        read_annotations(tmp_path / "empty.txt")
    (tmp_path / "sound.wav").write_bytes(b"RIFF\xff\xfe\x80")
    with pytest.raises(WakewordError, match="is not a label file: save it as text"):
        read_annotations(tmp_path / "sound.wav")
