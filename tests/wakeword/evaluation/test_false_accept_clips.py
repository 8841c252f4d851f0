"""The audio around false accepts, a file for each."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import numpy as np
import pytest

from wakeword.audio.files import read_audio, write_wav
from wakeword.errors import DataError
from wakeword.evaluation.false_accept_clips import AFTER, BEFORE, write_clips
from wakeword.evaluation.scoring import Detection

RATE = 16_000


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    """Write ten seconds in which every sample differs from its neighbours."""
    write_wav(tmp_path / "talk.wav", np.arange(10 * RATE).astype(np.int16))
    return tmp_path / "talk.wav"


def test_a_clip_is_cut_around_its_detection(talk: Path, tmp_path: Path) -> None:
    detections = [Detection("hey lumen", 0.9, str(talk), time, None) for time in (5.0, 0.5, 9.5)]
    written = write_clips(detections, tmp_path / "clips")
    assert [path.name for path in written] == [
        "0001-hey_lumen-talk-5.00.wav",
        "0002-hey_lumen-talk-0.50.wav",
        "0003-hey_lumen-talk-9.50.wav",
    ]
    samples = read_audio(talk)
    middle, first, last = (read_audio(path) for path in written)
    assert np.array_equal(middle, samples[round((5 - BEFORE) * RATE) : round((5 + AFTER) * RATE)])
    assert np.array_equal(first, samples[: round((0.5 + AFTER) * RATE)])
    assert np.array_equal(last, samples[round((9.5 - BEFORE) * RATE) :])


def test_a_word_of_a_model_never_leaves_the_folder(talk: Path, tmp_path: Path) -> None:
    (written,) = write_clips([Detection("/../../etc/yes", 0.9, str(talk), 5.0, None)], tmp_path / "clips")
    assert written == tmp_path / "clips" / "0001-etc_yes-talk-5.00.wav"


def test_long_names_of_any_script_are_cut_to_what_a_file_s_name_has_room_for(talk: Path, tmp_path: Path) -> None:
    long = talk.rename(talk.with_name("न" * 80 + ".wav"))
    (written,) = write_clips([Detection("नमस्ते " * 11, 0.9, str(long), 5.0, None)], tmp_path / "clips")
    assert written.name.startswith("0001-नमस्ते_नमस्ते_")


def test_a_disk_that_is_full_leaves_no_half_of_a_clip(
    talk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match=r"can't be written: No space left.*; give --clips another folder"):
        write_clips([Detection("yes", 0.9, str(talk), 5.0, None)], tmp_path / "clips")
    assert not os.listdir(tmp_path / "clips")


def test_a_folder_that_cannot_be_written_to_is_refused(talk: Path, tmp_path: Path) -> None:
    (tmp_path / "clips").write_text("a file")
    with pytest.raises(DataError, match=r"clips.*\.wav can't be written: .*; give --clips another folder"):
        write_clips([Detection("yes", 0.9, str(talk), 5.0, None)], tmp_path / "clips")
