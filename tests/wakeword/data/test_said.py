"""What a label file says is said in a recording of negatives is no negative."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from featurizer import SAMPLE_RATE
from wakeword.audio.files import write_wav
from wakeword.data.annotations import Annotation
from wakeword.data.running_speech import read_negatives
from wakeword.data.said import AROUND, MAX_BYTES, label_file, said_in, without_said, write_said
from wakeword.errors import DataError

TICKS = np.arange(10 * SAMPLE_RATE // 160, dtype=np.int16).repeat(160)  # each hundredth of a second tells its number


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    write_wav(tmp_path / "room.wav", TICKS)
    return tmp_path / "room.wav"


def test_training_hears_nothing_of_what_is_labelled(recording: Path) -> None:
    label_file(recording).write_text("2.0\t3.0\they lumen\n\n9.9\t9.95\they lumen\n")
    assert label_file(recording).name == "room.wav.txt"
    heard = set(read_negatives([recording]).tolist())
    around = round(100 * AROUND)
    assert heard == set(range(1000)) - set(range(200 - around, 300 + around)) - set(range(990 - around, 1000))


def test_without_a_label_file_all_is_heard(recording: Path) -> None:
    assert said_in(recording) == []
    assert read_negatives([recording]).tolist() == TICKS.tolist()


@pytest.mark.parametrize("labels", [[(0.0, 99.0)], [(0.0, 5.0), (4.0, 99.0)]])
def test_a_recording_that_is_labelled_whole_leaves_nothing(labels: list[tuple[float, float]]) -> None:
    assert len(without_said(TICKS, [Annotation("a", *each) for each in labels])) == 0


def test_labels_are_written_in_the_order_of_the_recording_and_removed_with_the_last(recording: Path) -> None:
    labels = [Annotation("hé lumen", 4.0, 5.0), Annotation("hé lumen", 1.0, 2.0)]
    write_said(recording, labels)
    assert said_in(recording) == labels[::-1]
    write_said(recording, [])
    write_said(recording, [])
    assert not label_file(recording).exists()


def test_a_damaged_label_file_is_no_reason_to_train_on_the_word(recording: Path) -> None:
    label_file(recording).write_text("from two to three\n")
    with pytest.raises(DataError, match=r"line 1 of .*room\.wav\.txt is not start, end and word"):
        read_negatives([recording])


def test_a_label_file_that_is_too_large_is_refused_unread(recording: Path) -> None:
    label_file(recording).write_bytes(b"0\t1\they lumen\n" * (MAX_BYTES // 14 + 1))
    with pytest.raises(DataError, match="has more than 1 MB; keep the labels of phrases that are said"):
        said_in(recording)
