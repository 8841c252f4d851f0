"""Recordings that are read from the disk as needed have the samples of those that are read whole, and no memory."""

from __future__ import annotations

import errno
import os
import tempfile
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.signals import demo
from wakeword.audio.files import read_audio
from wakeword.audio.mapped import mapped_audio
from wakeword.errors import DataError

FORMATS = {
    "wav": ("WAV", "PCM_16"),
    "float.wav": ("WAV", "FLOAT"),
    "flac": ("FLAC", "PCM_24"),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}


@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_recordings_of_every_format_and_rate_have_the_samples_of_those_read_whole(tmp_path: Path, rate: int) -> None:
    speech = np.stack([demo()[: 9 * rate + 7] / 32768] * 2, axis=1)
    paths = [tmp_path / f"speech.{suffix}" for suffix in FORMATS]
    for path, (container, subtype) in zip(paths, FORMATS.values(), strict=True):
        soundfile.write(path, speech, rate, format=container, subtype=subtype)
    soundfile.write(tmp_path / "one.wav", speech[:9], rate)
    paths.append(tmp_path / "one.wav")
    recordings = mapped_audio(paths)
    assert len(recordings) == len(paths)
    for path, samples in zip(paths, recordings, strict=True):
        np.testing.assert_array_equal(samples, read_audio(path), err_msg=path.name)
        assert samples.dtype == np.int16 and not samples.flags.writeable


def test_no_recordings_are_an_empty_list() -> None:
    assert mapped_audio([]) == []


def test_the_samples_take_no_memory_and_leave_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "kept"))
    monkeypatch.setattr(tempfile, "tempdir", None)
    (tmp_path / "kept").mkdir()
    noise = np.random.default_rng(0).integers(-3000, 3000, 10 * 60 * 16_000, np.int16)
    soundfile.write(tmp_path / "noise.wav", noise, 16_000)
    tracemalloc.start()
    try:
        [samples] = mapped_audio([tmp_path / "noise.wav"])
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert np.array_equal(samples, noise)
    assert most < noise.nbytes / 5
    assert list((tmp_path / "kept").iterdir()) == []


def test_the_recording_may_change_while_it_is_used(tmp_path: Path) -> None:
    """A map of the recording itself would kill the process when another shortens the file."""
    path = tmp_path / "noise.wav"
    soundfile.write(path, demo()[:160_000], 16_000)
    [samples] = mapped_audio([path])
    os.truncate(path, 100)
    np.testing.assert_array_equal(samples, demo()[:160_000])


def test_a_recording_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "noise.wav").write_bytes(b"RIFF, they say")
    with pytest.raises(DataError, match=r"noise\.wav is not an audio file"):
        mapped_audio([tmp_path / "noise.wav"])


def test_a_full_disk_is_one_line_that_names_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    soundfile.write(tmp_path / "noise.wav", demo(), 16_000)

    def full(**_: Any) -> Any:
        return open("/dev/full", "r+b", buffering=0)

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with pytest.raises(
        DataError, match="can't be decoded to a file in .*: " + os.strerror(errno.ENOSPC) + "; .*TMPDIR"
    ):
        mapped_audio([tmp_path / "noise.wav"])
