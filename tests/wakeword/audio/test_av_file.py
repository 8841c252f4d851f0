"""What telephones and browsers record is decoded by PyAV; what such a file claims or else holds harms nobody."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import numpy as np
import pytest

from tests import av_files, processes
from wakeword.audio.files import AudioTooLong, audio_files, audio_seconds, blocks, read_audio, unread_text
from wakeword.errors import DataError

pytest.importorskip("av")


def tone(rate: int, seconds: float = 1.0) -> np.ndarray:
    """440 Hz at half of full scale."""
    return 0.5 * np.sin(2 * np.pi * 440 * np.arange(round(rate * seconds)) / rate)


def pitch(samples: np.ndarray) -> int:
    return int(np.abs(np.fft.rfft(samples[:16_000].astype(float), 16_000)).argmax())


@pytest.mark.parametrize(("name", "codec", "rate"), av_files.KINDS)
def test_what_telephones_and_browsers_record_is_listed_and_read(
    tmp_path: Path, name: str, codec: str, rate: int
) -> None:
    path = tmp_path / name
    av_files.write(path, tone(rate), codec, rate)
    assert audio_files(tmp_path) == [path]
    assert not unread_text(tmp_path)

    samples = read_audio(path)

    assert samples.dtype == np.int16
    assert 16_000 <= len(samples) <= 17_500  # codecs round up to whole packets
    assert pitch(samples) == 440
    assert 14_000 < np.sqrt(2 * np.mean(samples[2_000:14_000].astype(float) ** 2)) < 17_500
    assert audio_seconds(path) == len(samples) / 16_000
    assert np.array_equal(np.concatenate(list(blocks(path, 999))), samples)


def test_the_name_of_a_file_tells_nothing(tmp_path: Path) -> None:
    av_files.write(tmp_path / "a.m4a", tone(44_100), "aac", 44_100)
    (tmp_path / "a.m4a").rename(tmp_path / "a.wav")
    assert pitch(read_audio(tmp_path / "a.wav")) == 440


def test_lossless_sound_comes_through_bit_for_bit(tmp_path: Path) -> None:
    av_files.write(tmp_path / "a.m4a", tone(16_000), "alac", 16_000)
    assert np.array_equal(read_audio(tmp_path / "a.m4a"), np.round(32_767 * tone(16_000)))


def test_channels_are_averaged(tmp_path: Path) -> None:
    av_files.write(tmp_path / "one.m4a", tone(16_000), "alac", 16_000)
    av_files.write(tmp_path / "two.m4a", tone(16_000), "alac", 16_000, channels=2)
    assert np.array_equal(read_audio(tmp_path / "one.m4a"), read_audio(tmp_path / "two.m4a"))


def test_of_a_film_the_sound_is_read(tmp_path: Path) -> None:
    av_files.write(tmp_path / "a.mp4", tone(48_000), "aac", 48_000, picture=True)
    assert pitch(read_audio(tmp_path / "a.mp4")) == 440


@pytest.mark.parametrize(("name", "codec"), [("a.webm", "libopus"), ("a.aac", "aac")])
def test_a_recording_that_was_cut_off_gives_what_it_still_has(tmp_path: Path, name: str, codec: str) -> None:
    path = tmp_path / name
    av_files.write(path, tone(48_000, 4.0), codec, 48_000)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert 1.5 < audio_seconds(path) < 2.5


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as error:
        read_audio(path)
    assert "\n" not in str(error.value)
    assert str(path) in str(error.value)
    return str(error.value)


def test_an_mp4_without_its_index_is_refused(tmp_path: Path) -> None:
    av_files.write(tmp_path / "a.m4a", tone(44_100), "aac", 44_100)
    (tmp_path / "a.m4a").write_bytes((tmp_path / "a.m4a").read_bytes()[:5_000])
    assert "is MP4 that can't be read (" in refusal(tmp_path / "a.m4a")


def test_a_film_without_sound_is_refused(tmp_path: Path) -> None:
    import av

    with av.open(tmp_path / "a.mp4", "w") as out:
        video = out.add_stream("mpeg4", rate=25, width=64, height=64, pix_fmt="yuv420p")
        out.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8))))
        out.mux(video.encode(None))
    assert "holds no sound; record" in refusal(tmp_path / "a.mp4")


def test_a_file_that_decodes_to_more_than_is_allowed_is_refused_while_it_is_decoded(tmp_path: Path) -> None:
    av_files.write(tmp_path / "a.webm", np.zeros(48_000 * 100), "libopus", 48_000)
    with pytest.raises(AudioTooLong, match=r"a\.webm is longer than 60 seconds"):
        read_audio(tmp_path / "a.webm", 60)


def test_a_playlist_that_names_other_files_is_no_audio(tmp_path: Path) -> None:
    """FFmpeg alone would open what they name, such as a file that is secret."""
    av_files.write(tmp_path / "secret.aac", tone(16_000), "aac", 16_000)
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{tmp_path}/secret.aac\n#EXT-X-ENDLIST\n"
    for name, text in (("a.m4a", playlist), ("b.m4a", f"ffconcat version 1.0\nfile {tmp_path}/secret.aac\n")):
        (tmp_path / name).write_text(text)
        assert "is not an audio file that can be read" in refusal(tmp_path / name)


@pytest.mark.parametrize(("name", "codec", "rate"), av_files.KINDS)
def test_without_pyav_the_way_to_it_is_said(
    tmp_path: Path, name: str, codec: str, rate: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    av_files.write(tmp_path / name, tone(rate), codec, rate)
    monkeypatch.setitem(sys.modules, "av", None)
    way_out = f"pip install 'wakeword[formats]', or convert with ffmpeg -i {name} {Path(name).stem}.wav"
    assert audio_files(tmp_path) == []
    assert unread_text(tmp_path) == f"1 file that is not read, {name}: {way_out}"
    assert refusal(tmp_path / name).endswith(f", which PyAV reads; {way_out}")


def damaged(data: bytes, seed: int) -> bytes:
    """The file with some bytes changed, most of them near its beginning, and perhaps cut off."""
    dice, changed = random.Random(seed), bytearray(data)
    for _ in range(dice.choice([1, 3, 10, 50])):
        changed[dice.randrange(12, min(len(data), dice.choice([200, 2_000, len(data)])))] = dice.randrange(256)
    return bytes(changed[: dice.randrange(12, len(data))] if dice.random() < 0.3 else changed)


READ = """
import sys
from wakeword.audio.files import read_audio
from wakeword.errors import DataError
for path in sys.argv[1:]:
    try:
        read_audio(path, 60)
    except DataError:
        pass
"""


def test_damaged_files_are_read_or_refused_and_take_no_memory(tmp_path: Path) -> None:
    for name, codec, rate in av_files.KINDS:
        av_files.write(tmp_path / name, tone(rate), codec, rate)
        data = (tmp_path / name).read_bytes()
        for seed in range(40):
            (tmp_path / f"{seed}-{name}").write_bytes(damaged(data, seed))

    read = processes.run([sys.executable, "-c", READ, *sorted(tmp_path.iterdir())], memory=1_000 << 20)

    assert (read.returncode, read.stderr) == (0, "")
