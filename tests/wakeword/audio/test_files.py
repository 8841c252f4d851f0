"""Audio files of any kind become int16 mono at 16 kHz; others, and headers that lie, are refused in one line."""

import errno
import os
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests import processes
from wakeword.audio.files import (
    MAX_CHANNELS,
    MAX_RATE,
    MAX_SECONDS,
    MIN_RATE,
    AudioTooLong,
    Encoding,
    audio_files,
    audio_seconds,
    blocks,
    decode,
    encode,
    read_audio,
    read_part,
    to_int16,
    write_wav,
)
from wakeword.errors import DataError

RNG = np.random.default_rng(0)
EVERY_INT16 = np.arange(-32768, 32768, dtype=np.int16)


def tone(rate: int, seconds: float = 1.0, hertz: float = 440.0) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)


def snr_db(signal: np.ndarray, reference: np.ndarray) -> float:
    error = signal.astype(float) - reference
    return 10 * np.log10(np.mean(reference**2) / np.mean(error**2))


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.aiff"])
def test_16_bit_mono_at_16_khz_comes_through_bit_for_bit(tmp_path: Path, name: str) -> None:
    soundfile.write(tmp_path / name, EVERY_INT16, 16_000, subtype="PCM_16")
    samples = read_audio(tmp_path / name)
    assert samples.dtype == np.int16
    assert np.array_equal(samples, EVERY_INT16)


def test_write_wav_is_read_back_bit_for_bit(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", EVERY_INT16)
    assert np.array_equal(read_audio(tmp_path / "a.wav"), EVERY_INT16)
    assert soundfile.info(tmp_path / "a.wav").subtype == "PCM_16"


@pytest.mark.parametrize("encoding", ["wav", "flac"])
def test_wav_and_flac_are_decoded_bit_for_bit(tmp_path: Path, encoding: Encoding) -> None:
    data = encode(EVERY_INT16, encoding)
    assert np.array_equal(decode(data), EVERY_INT16)
    (tmp_path / f"a.{encoding}").write_bytes(data)
    assert soundfile.info(tmp_path / f"a.{encoding}").format == encoding.upper()


def test_opus_is_encoded_at_16_khz(tmp_path: Path) -> None:
    (tmp_path / "a.opus").write_bytes(encode(to_int16(32768 * tone(16_000)), "opus"))
    info = soundfile.info(tmp_path / "a.opus")
    assert (info.subtype, info.samplerate, info.channels, info.frames) == ("OPUS", 16_000, 1, 16_000)


def test_the_length_of_a_file_is_read_from_its_header(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(44_100, 1.5), 44_100)
    assert audio_seconds(tmp_path / "a.wav") == 1.5
    with pytest.raises(DataError, match="No such file"):
        audio_seconds(tmp_path / "none.wav")


@pytest.mark.parametrize(("name", "subtype"), [("a.ogg", "VORBIS"), ("a.opus", "OPUS"), ("a.mp3", "MPEG_LAYER_III")])
def test_lossy_formats_are_read(tmp_path: Path, name: str, subtype: str) -> None:
    container = "MP3" if name == "a.mp3" else "OGG"
    soundfile.write(tmp_path / name, tone(16_000), 16_000, format=container, subtype=subtype)
    samples = read_audio(tmp_path / name)
    spectrum = np.abs(np.fft.rfft(samples[:16_000].astype(float), 16_000))
    assert spectrum.argmax() == 440
    assert 15_000 < np.abs(samples[1_000:15_000]).max() < 18_000  # codecs ring at both ends


@pytest.mark.parametrize("rate", [8_000, 11_025, 22_050, 44_100, 48_000, 96_000])
def test_any_rate_and_channel_count_becomes_16_khz_mono(tmp_path: Path, rate: int) -> None:
    left, right = tone(rate, 2.0), 0.3 * tone(rate, 2.0, 1_000)
    soundfile.write(tmp_path / "a.wav", np.stack([left, right], axis=1), rate, subtype="FLOAT")
    samples = read_audio(tmp_path / "a.wav")
    expected = 32768 * (tone(16_000, 2.0) + 0.3 * tone(16_000, 2.0, 1_000)) / 2
    assert abs(len(samples) - 32_000) <= 1
    inside = slice(500, 31_500)  # the filter rings at both ends
    assert snr_db(samples[inside], expected[inside]) > 70


def test_resampling_removes_what_16_khz_cannot_hold(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(44_100, hertz=12_000), 44_100, subtype="FLOAT")
    assert np.abs(read_audio(tmp_path / "a.wav")[500:-500]).max() <= 1


def test_samples_beyond_full_scale_saturate(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.array([1.0, -1.0, 2.5, -7.0, 1e30, -1e30]), 16_000, subtype="DOUBLE")
    assert read_audio(tmp_path / "a.wav").tolist() == [32767, -32768, 32767, -32768, 32767, -32768]


def test_rounding_is_to_the_nearest() -> None:
    scaled = np.array([0.4, 0.6, -0.4, -0.6, 32767.4, 32767.6, -32768.6])
    assert to_int16(scaled).tolist() == [0, 1, 0, -1, 32767, 32767, -32768]


@pytest.mark.parametrize("rate", [16_000, 44_100])
@pytest.mark.parametrize("block", [1, 160, 999, 16_000, 10**6])
def test_blocks_are_the_samples_of_the_whole_file(tmp_path: Path, rate: int, block: int) -> None:
    # The long file is decoded in more than one piece.
    noise = RNG.integers(-20_000, 20_000, 3_000 if block == 1 else 200_000).astype(np.int16)
    soundfile.write(tmp_path / "a.wav", noise, rate)
    pieces = list(blocks(tmp_path / "a.wav", block))
    assert all(len(piece) == block for piece in pieces[:-1])
    assert 0 < len(pieces[-1]) <= block
    assert np.array_equal(np.concatenate(pieces), read_audio(tmp_path / "a.wav"))


def test_blocks_read_no_further_than_asked(tmp_path: Path) -> None:
    """The first second can be read although a NaN follows an hour later."""
    samples = np.zeros(200_000, np.float32)
    samples[-1] = np.nan
    soundfile.write(tmp_path / "a.wav", samples, 16_000, subtype="FLOAT")
    assert len(next(blocks(tmp_path / "a.wav", 16_000))) == 16_000


def test_a_truncated_file_gives_the_samples_it_still_has(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", EVERY_INT16)
    (tmp_path / "a.wav").write_bytes((tmp_path / "a.wav").read_bytes()[: 44 + 2000])
    assert np.array_equal(read_audio(tmp_path / "a.wav"), EVERY_INT16[:1000])


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as error:
        read_audio(path)
    assert "\n" not in str(error.value)
    assert str(path) in str(error.value)
    return str(error.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert "No such file" in refusal(tmp_path / "none.wav")
    assert "directory" in refusal(tmp_path)


@pytest.mark.parametrize("below", ["", "word", "word/speaker"])
def test_a_folder_that_cannot_be_read_is_refused_not_left_out(
    tmp_path: Path, below: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "word/speaker").mkdir(parents=True)
    write_wav(tmp_path / "word/speaker/take.wav", np.zeros(160, np.int16))
    assert audio_files(tmp_path, below=True)
    closed, scandir = tmp_path / below, os.scandir

    def refuse(path: str) -> Any:
        if Path(path) == closed:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DataError, match=f"cannot read the folder {closed}: Permission denied; let this user read it"):
        audio_files(tmp_path, below=True)


def test_a_folder_that_is_not_there_holds_no_audio(tmp_path: Path) -> None:
    assert audio_files(tmp_path / "nothing", below=True) == []


@pytest.mark.parametrize("name", ["notes.wav", "notes.opus", "notes.raw"])
def test_a_text_file_is_no_audio_whatever_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("Buy milk.\n")
    assert "is not an audio file that can be read (" in refusal(tmp_path / name)


def test_a_file_without_samples_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    assert "is not an audio file" in refusal(tmp_path / "empty.wav")
    write_wav(tmp_path / "header.wav", np.empty(0, np.int16))
    assert "holds no samples" in refusal(tmp_path / "header.wav")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("rate", [16_000, 44_100])
@pytest.mark.parametrize("channels", [1, 2])
def test_nan_and_infinity_are_refused(tmp_path: Path, bad: float, rate: int, channels: int) -> None:
    samples = np.zeros((50_000, channels))
    samples[40_000, -1] = bad
    soundfile.write(tmp_path / "a.wav", samples, rate, subtype="FLOAT")
    assert "holds NaN or infinite samples" in refusal(tmp_path / "a.wav")


@pytest.mark.parametrize(
    ("start", "stop"), [(0, 1), (65_000, 66_000), (65_536, 65_536), (199_000, 300_000), (0, 200_000)]
)
@pytest.mark.parametrize(
    ("name", "rate"), [("a.wav", 16_000), ("a.flac", 16_000), ("a.ogg", 16_000), ("a.flac", 44_100)]
)
def test_a_part_of_a_file_is_read_without_the_rest(tmp_path: Path, start: int, stop: int, name: str, rate: int) -> None:
    noise = RNG.integers(-20_000, 20_000, 200_000 * rate // 16_000).astype(np.int16)
    soundfile.write(tmp_path / name, noise, rate)
    assert np.array_equal(read_part(tmp_path / name, start, stop), read_audio(tmp_path / name)[start:stop])


def test_a_part_at_the_end_of_hours_is_read_without_the_hours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_wav(tmp_path / "a.wav", RNG.integers(-20_000, 20_000, 400_000).astype(np.int16))
    whole = read_audio(tmp_path / "a.wav")
    read = soundfile.SoundFile.read
    counts: list[int] = []

    def counted(file: soundfile.SoundFile, frames: int, **options: Any) -> Any:
        counts.append(frames)
        return read(file, frames, **options)

    monkeypatch.setattr(soundfile.SoundFile, "read", counted)
    assert np.array_equal(read_part(tmp_path / "a.wav", 390_000, 399_000), whole[390_000:399_000])
    assert len(counts) == 1


def wav(rate: int, channels: int = 1, data: bytes = bytes(64_000), claimed: int | None = None) -> bytes:
    """A WAV file of 8 bits whose header claims a rate, channels and a length."""
    length = len(data) if claimed is None else claimed
    form = struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * channels & 0xFFFFFFFF, channels, 8)
    return b"RIFF" + struct.pack("<I", min(36 + length, 2**32 - 1)) + b"WAVEfmt " + form + _chunk(length) + data


def _chunk(length: int) -> bytes:
    return b"data" + struct.pack("<I", length)


def silent_flac(path: Path, seconds: int, rate: int = MIN_RATE, claimed: int | None = None) -> None:
    """A FLAC file of silence, 24 kB an hour; `claimed` frames in its header, 0 for a length that it leaves open."""
    soundfile.write(path, np.zeros(seconds * rate, np.int16), rate)
    if claimed is not None:
        data = bytearray(path.read_bytes())
        data[21:26] = (data[21] >> 4 << 36 | claimed).to_bytes(5, "big")
        path.write_bytes(data)


READERS = [read_audio, audio_seconds, lambda path: list(blocks(path, 16_000))]


@pytest.mark.parametrize("rate", [1, 4, MIN_RATE - 1, MAX_RATE + 1, 2**31 - 1])
@pytest.mark.parametrize("read", READERS)
def test_a_rate_that_no_audio_has_is_refused_in_one_line(
    tmp_path: Path, rate: int, read: Callable[[Path], object]
) -> None:
    (tmp_path / "a.wav").write_bytes(wav(rate))
    with pytest.raises(
        DataError, match=rf"a\.wav claims {rate:,} samples a second; audio has 2,000 to 768,000; [^\n]+$"
    ):
        read(tmp_path / "a.wav")


@pytest.mark.parametrize("form", ["VOC", "PAF", "SVX", "IRCAM", "MAT5"])
def test_formats_that_hardly_anyone_writes_are_refused_with_the_way_out(tmp_path: Path, form: str) -> None:
    soundfile.write(tmp_path / "a", tone(16_000), 16_000, format=form, subtype="PCM_16")
    assert f"has the format {form}, which is not read; export it as WAV" in refusal(tmp_path / "a")


@pytest.mark.parametrize("form", ["AU", "CAF", "W64", "RF64", "WAVEX", "NIST"])
def test_other_formats_of_pcm_are_read(tmp_path: Path, form: str) -> None:
    soundfile.write(tmp_path / "a", EVERY_INT16, 16_000, format=form, subtype="PCM_16")
    assert np.array_equal(read_audio(tmp_path / "a"), EVERY_INT16)


@pytest.mark.parametrize("rate", [MIN_RATE, MAX_RATE])
def test_the_lowest_and_the_highest_rate_are_read(tmp_path: Path, rate: int) -> None:
    (tmp_path / "a.wav").write_bytes(wav(rate))
    assert abs(len(read_audio(tmp_path / "a.wav")) - 64_000 * 16_000 / rate) <= 1


def test_channels_are_bounded(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav(16_000, MAX_CHANNELS))
    assert len(read_audio(tmp_path / "a.wav")) == 1_000
    (tmp_path / "a.wav").write_bytes(wav(16_000, MAX_CHANNELS + 1))
    assert f"claims {MAX_CHANNELS + 1} channels; at most {MAX_CHANNELS}" in refusal(tmp_path / "a.wav")


@pytest.mark.parametrize("claimed", [1_000, 64_001, 2**31, 2**32 - 1])
def test_a_file_has_the_samples_that_it_holds_not_those_that_it_claims(tmp_path: Path, claimed: int) -> None:
    (tmp_path / "a.wav").write_bytes(wav(16_000, claimed=claimed))
    assert len(read_audio(tmp_path / "a.wav")) == min(claimed, 64_000)


@pytest.mark.parametrize("claimed", [None, 2**36 - 1, 0])
def test_a_file_that_is_too_long_is_refused_whether_its_header_says_so_or_not(
    tmp_path: Path, claimed: int | None
) -> None:
    silent_flac(tmp_path / "a.flac", 100, claimed=claimed)
    with pytest.raises(AudioTooLong, match=r"a\.flac is longer than 60 seconds \(1 x 2,000 samples a second\); cut it"):
        read_audio(tmp_path / "a.flac", 60)


def test_a_file_of_the_greatest_length_is_read(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", tone(44_100, 2.0), 44_100)
    assert len(read_audio(tmp_path / "a.wav", 2.0)) == 32_000
    with pytest.raises(AudioTooLong):
        read_audio(tmp_path / "a.wav", 1.99)


READ = """
import sys
from wakeword.audio.files import blocks, read_audio
from wakeword.errors import DataError
for path in sys.argv[1:]:
    for read in (read_audio, lambda path: sum(map(len, blocks(path, 16_000)))):
        try:
            read(path)
        except DataError as error:
            print(error)
"""


def test_no_header_makes_a_reader_take_memory(tmp_path: Path) -> None:
    """By itself it takes gigabytes: 64 KB at 1 Hz is 18 hours, and hours of silence are a small FLAC file."""
    for rate in (1, 4):
        (tmp_path / f"{rate}.wav").write_bytes(wav(rate))
    (tmp_path / "wide.wav").write_bytes(wav(16_000, MAX_CHANNELS, bytes(8_000_000)))
    silent_flac(tmp_path / "long.flac", round(1.1 * MAX_SECONDS))
    silent_flac(tmp_path / "open.flac", round(MAX_SECONDS) // 4, claimed=0)
    silent_flac(tmp_path / "boast.flac", 100, claimed=2**36 - 1)
    files = sorted(path for path in tmp_path.iterdir())

    read = processes.run([sys.executable, "-c", READ, *files], memory=400 << 20)

    assert (read.returncode, read.stderr) == (0, "")
    refused = read.stdout.splitlines()
    assert sum("samples a second; audio has" in line for line in refused) == 4
    assert sum("is longer than 14,400 seconds" in line for line in refused) == 2
