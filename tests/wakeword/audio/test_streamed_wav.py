"""WAV files that say they hold no samples, or more than any file: they are read to their end."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.signals import demo
from wakeword.audio.files import audio_seconds, blocks, read_audio
from wakeword.errors import DataError


def write(path: Path, size: int, rate: int = 16_000, subtype: str = "PCM_16", after: bytes = b"") -> bytes:
    """Write speech as a WAV file whose header tells this size."""
    soundfile.write(path, demo()[:70_000] / 32768, rate, subtype=subtype)
    whole = bytearray(path.read_bytes())
    at = whole.index(b"data") + 4
    whole[4:8] = whole[at : at + 4] = struct.pack("<I", size)
    path.write_bytes(whole + after)
    return bytes(whole)


@pytest.mark.parametrize("size", [0, 2**32 - 1])
@pytest.mark.parametrize(("rate", "subtype"), [(16_000, "PCM_16"), (44_100, "PCM_24"), (8_000, "FLOAT")])
def test_a_file_whose_writer_did_not_know_its_length_is_read_to_its_end(
    tmp_path: Path, size: int, rate: int, subtype: str
) -> None:
    soundfile.write(tmp_path / "right.wav", demo()[:70_000] / 32768, rate, subtype=subtype)
    write(tmp_path / "streamed.wav", size, rate, subtype)
    right = read_audio(tmp_path / "right.wav")
    np.testing.assert_array_equal(read_audio(tmp_path / "streamed.wav"), right)
    np.testing.assert_array_equal(np.concatenate(list(blocks(tmp_path / "streamed.wav", 999))), right)
    assert audio_seconds(tmp_path / "streamed.wav") == pytest.approx(70_000 / rate, abs=0.001)


def test_a_file_that_was_cut_in_its_last_sample_is_read_without_it(tmp_path: Path) -> None:
    whole = write(tmp_path / "cut.wav", 0)
    (tmp_path / "cut.wav").write_bytes(whole[:-1])
    np.testing.assert_array_equal(read_audio(tmp_path / "cut.wav"), demo()[:69_999])


@pytest.mark.parametrize("after", [b"", b"LIST" + struct.pack("<I", 6) + b"notes\0"], ids=["nothing", "a chunk"])
def test_a_recording_without_samples_stays_one(tmp_path: Path, after: bytes) -> None:
    soundfile.write(tmp_path / "empty.wav", np.zeros(0, np.int16), 16_000)
    with (tmp_path / "empty.wav").open("ab") as file:
        file.write(after)
    with pytest.raises(DataError, match=r"empty\.wav holds no samples"):
        read_audio(tmp_path / "empty.wav")
