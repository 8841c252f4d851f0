"""Audio from a pipe: files are recognised by their first bytes and decoded as they come; anything else is raw PCM."""

from __future__ import annotations

import io
import itertools
import os
import struct
from pathlib import Path

import numpy as np
import pytest
import soundfile

from featurizer.logmel import Samples
from tests.signals import noise
from wakeword.audio.files import read_audio
from wakeword.errors import DataError
from wakeword.live import piped
from wakeword.live.piped import Piped
from wakeword.live.sources import piped_source, watched

SOUND: Samples = (8_000 * noise(1.25)).astype(np.int16)


class Trickle(io.RawIOBase):
    """A stream that gives a few bytes at a time."""

    def __init__(self, data: bytes, piece: int = 1_000) -> None:
        self._data, self._piece = io.BytesIO(data), piece

    def read(self, size: int = -1) -> bytes:
        return self._data.read(min(size, self._piece))


def heard(data: bytes, rate: int | None = None, channels: int | None = None, piece: int = 1_000) -> Samples:
    return np.concatenate(list(piped_source(Piped(Trickle(data, piece)), rate, channels)))


def encoded(container: str, subtype: str, rate: int = 16_000, channels: int = 1) -> bytes:
    file = io.BytesIO()
    samples = np.stack([SOUND / 32768] * channels, axis=1)
    soundfile.write(file, samples, rate, format=container, subtype=subtype)
    return file.getvalue()


@pytest.mark.parametrize("piece", [7, 100_000])
@pytest.mark.parametrize(
    ("container", "subtype"),
    [
        ("WAV", "PCM_16"), ("WAV", "PCM_24"), ("WAV", "FLOAT"), ("WAV", "ULAW"), ("WAVEX", "PCM_16"),
        ("RF64", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("OGG", "OPUS"), ("AIFF", "PCM_16"),
        ("AU", "PCM_16"), ("CAF", "PCM_16"), ("W64", "PCM_16"),
    ],
)  # fmt: skip
def test_a_piped_file_gives_the_samples_of_the_file(container: str, subtype: str, piece: int, tmp_path: Path) -> None:
    data = encoded(container, subtype)
    path = tmp_path / "file"
    path.write_bytes(data)
    assert np.array_equal(heard(data, piece=piece), read_audio(path))


@pytest.mark.parametrize("piece", [7, 100_000])
@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
def test_mp3_is_known_without_a_tag_before_it(rate: int, piece: int, tmp_path: Path) -> None:
    data = encoded("MP3", "MPEG_LAYER_III", rate)
    assert not data.startswith(b"ID3")
    path = tmp_path / "file.mp3"
    path.write_bytes(data)
    # The decoder rounds its floats otherwise if it is asked for other numbers of them.
    np.testing.assert_allclose(heard(data, piece=piece), read_audio(path), rtol=0, atol=1)


@pytest.mark.parametrize("after", [b"", bytes(2_000)], ids=["nothing", "no second frame"])
def test_pcm_that_begins_like_mp3_or_aac_is_raw(after: bytes) -> None:
    for header in (b"\xff\xf3\x88\xc4\x00\x00", b"\xff\xf1\x50\x80\x02\x00", b"\xff\xff\xff\xff\xff\xff"):
        assert np.array_equal(heard(header + after), np.frombuffer(header + after, "<i2"))


@pytest.mark.parametrize("size", [0, 0x7FFFF024, 0xFFFFFFFF])
@pytest.mark.parametrize(("container", "subtype"), [("WAV", "PCM_16"), ("WAVEX", "PCM_24"), ("WAV", "FLOAT")])
def test_a_wav_file_that_was_streamed_is_read_to_its_end(container: str, subtype: str, size: int) -> None:
    data = bytearray(encoded(container, subtype))
    at = data.index(b"data") + 4
    data[4:8] = data[at : at + 4] = struct.pack("<I", size)
    assert np.array_equal(heard(bytes(data)), SOUND)


def test_a_streamed_wav_file_is_heard_before_its_end() -> None:
    data = bytearray(encoded("WAV", "PCM_16"))
    data[4:8] = data[40:44] = b"\xff" * 4
    reader, writer = os.pipe()
    with open(writer, "wb", buffering=0) as end, open(reader, "rb", buffering=0) as stream:
        end.write(data)
        source = piped_source(Piped(stream))
        assert np.array_equal(np.concatenate(list(itertools.islice(source, 10))), SOUND[:8_000])


def test_raw_pcm_of_another_rate_and_channels_is_mixed_and_resampled() -> None:
    stereo = np.stack([SOUND, SOUND], axis=1)
    assert np.array_equal(heard(stereo.astype("<i2").tobytes(), channels=2, piece=7), SOUND)
    assert len(heard(stereo.astype("<i2").tobytes(), rate=32_000, channels=2)) == len(SOUND) // 2
    assert np.array_equal(heard(SOUND.astype("<i2").tobytes()), SOUND)


@pytest.mark.parametrize("rate", [1, 1_000_000])
def test_a_rate_that_no_audio_has_is_refused(rate: int) -> None:
    with pytest.raises(DataError, match="--rate"):
        heard(SOUND.tobytes(), rate=rate)


def test_a_rate_for_a_file_is_refused_as_it_has_its_own() -> None:
    with pytest.raises(DataError, match="leave out --rate"):
        heard(encoded("WAV", "PCM_16"), rate=8_000)


@pytest.mark.parametrize("magic", [b"\0\0\0\x20ftypM4A ", b"\x1aE\xdf\xa3 and more"])
def test_mp4_and_webm_are_named_and_refused(magic: bytes) -> None:
    with pytest.raises(DataError, match=r"standard input is MP4 or WebM, .* --input FILE"):
        heard(magic)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("AAC", 2 * b"\xff\xf1\x60\x80\x04\x00".ljust(32, b"\x00")),
        ("AMR", b"#!AMR\n".ljust(100, b"\x00")),
        ("WMA", b"0&\xb2u\x8ef\xcf\x11\xa6\xd9\x00\xaa\x00b\xcel"),
    ],
)
def test_what_telephones_record_is_named_and_refused(name: str, data: bytes) -> None:
    with pytest.raises(DataError, match=rf"standard input is {name}, which no pipe can bring; .* --input FILE"):
        heard(data)


@pytest.mark.parametrize("container", ["WAV", "FLAC", "OGG"])
def test_a_damaged_file_is_refused_in_one_line(container: str) -> None:
    data = encoded(container, {"OGG": "VORBIS", "WAV": "PCM_16", "FLAC": "PCM_16"}[container])
    with pytest.raises(DataError, match=r"^standard input [^\n]*$"):
        heard(data[:14])


def test_a_format_that_must_be_kept_first_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piped, "MAX_SPOOL", 10_000)
    with pytest.raises(DataError, match="--input FILE"):
        heard(encoded("FLAC", "PCM_16"))


def test_a_wav_file_without_samples_in_a_megabyte_is_refused() -> None:
    with pytest.raises(DataError, match="no samples in its first"):
        heard(b"RIFF\0\0\0\0WAVE" + struct.pack("<4sI", b"LIST", 1 << 30) + bytes(100))


def test_floats_in_the_scale_of_16_bits_are_refused() -> None:
    file = io.BytesIO()
    soundfile.write(file, SOUND.astype(np.float32), 16_000, format="WAV", subtype="FLOAT")
    with pytest.raises(DataError, match="divide the samples by 32768"):
        heard(file.getvalue())


def lines(*parts: Samples) -> list[str]:
    told: list[str] = []
    sound = np.concatenate(parts)
    blocks = [sound[start : start + 700] for start in range(0, len(sound), 700)]
    assert np.array_equal(np.concatenate(list(watched(blocks, told.append))), sound)
    return told


def test_a_muted_microphone_is_said_once() -> None:
    (line,) = lines(np.zeros(16_000 * 30, np.int16))
    assert "silence" in line
    assert lines(np.zeros(16_000 * 2, np.int16)) == lines(*[SOUND] * 10) == []


def test_clipping_all_along_is_said_once() -> None:
    (line,) = lines(np.where(np.tile(SOUND, 20) > 0, 32767, -32768).astype(np.int16))
    assert "clipped" in line
    assert lines(*[SOUND] * 5, np.full(100, 32767, np.int16), *[SOUND] * 5) == []
