"""The audio files of a folder: every kind that is read, and no other that a user put there goes unnamed."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from wakeword.audio.files import audio_files, read_audio, unread_lines, unread_text
from wakeword.errors import DataError

LEFTOVERS = (".hidden.wav", "._take.wav", "._take.wv", "Thumbs.db", "desktop.ini", ".DS_Store", ".trash/old.wav")


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


@pytest.mark.parametrize(
    ("name", "format", "subtype"),
    [
        ("a.wav", "WAV", "PCM_16"),
        ("A.WAV", "WAV", "FLOAT"),
        ("a.wave", "WAV", "PCM_24"),
        ("a.w64", "W64", "PCM_16"),
        ("a.rf64", "RF64", "PCM_16"),
        ("a.flac", "FLAC", "PCM_16"),
        ("a.ogg", "OGG", "VORBIS"),
        ("a.oga", "OGG", "OPUS"),
        ("a.Opus", "OGG", "OPUS"),
        ("a.mp3", "MP3", "MPEG_LAYER_III"),
        ("a.mp2", "MP3", "MPEG_LAYER_III"),
        ("a.AIF", "AIFF", "PCM_16"),
        ("a.snd", "AU", "PCM_16"),
        ("a.caf", "CAF", "PCM_16"),
        ("a.sph", "NIST", "PCM_16"),
    ],
)
def test_what_is_listed_is_read(tmp_path: Path, name: str, format: str, subtype: str) -> None:
    soundfile.write(tmp_path / name, np.zeros(16_000), 16_000, subtype, format=format)
    assert [path.name for path in audio_files(tmp_path)] == [name]
    assert not unread_text(tmp_path)
    assert len(read_audio(tmp_path / name)) >= 16_000


def test_files_below_are_listed_if_wanted_and_hidden_ones_never(tmp_path: Path) -> None:
    touch(tmp_path, "b.wav", "a/z.WAV", "a/b/c.flac", "notes.txt", "a.txt/d.wav", *LEFTOVERS)
    assert audio_files(tmp_path) == [tmp_path / "b.wav"]
    below = [path.relative_to(tmp_path).as_posix() for path in audio_files(tmp_path, below=True)]
    assert below == ["a/b/c.flac", "a/z.WAV", "a.txt/d.wav", "b.wav"]
    assert not unread_text(tmp_path)


def test_links_are_followed_and_a_ring_of_them_ends(tmp_path: Path) -> None:
    touch(tmp_path, "far/ada/1.wav", "mine/2.wav")
    (tmp_path / "mine" / "ada").symlink_to(tmp_path / "far" / "ada")
    (tmp_path / "far" / "ada" / "ring").symlink_to(tmp_path / "far" / "ada")
    assert audio_files(tmp_path / "mine", below=True) == [tmp_path / "mine/2.wav", tmp_path / "mine/ada/1.wav"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have names on Unix alone")
def test_a_pipe_and_a_link_to_nothing_are_no_audio_files(tmp_path: Path) -> None:
    """A pipe's reader would wait without end: a listing of takes, or a training."""
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "gone.wav").symlink_to(tmp_path / "nothing.wav")
    assert audio_files(tmp_path) == []


@pytest.mark.parametrize("name", ["take.WV", "take.ape", "take.avi", "take.dts", "take.spx"])
def test_audio_of_another_kind_is_named_with_the_way_out(tmp_path: Path, name: str) -> None:
    touch(tmp_path, f"ada/{name}", *LEFTOVERS)
    convert = f"convert with ffmpeg -i {name} take.wav"
    assert unread_text(tmp_path) == f"1 file that is not read, ada/{name}: {convert}"
    with pytest.raises(DataError, match=convert):
        read_audio(tmp_path / "ada" / name)


def test_many_files_are_counted_in_one_line_and_names_are_quoted(tmp_path: Path) -> None:
    touch(tmp_path, "1 (b).wv", "2.wv", "c/3.ape", "d.wav")
    text = "3 files that are not read, such as 1 (b).wv: convert with ffmpeg -i '1 (b).wv' '1 (b).wav'"
    assert list(unread_lines([tmp_path, tmp_path / "c", tmp_path / "d.wav"])) == [
        f"{tmp_path}: left out {text}",
        f"{tmp_path / 'c'}: left out 1 file that is not read, 3.ape: convert with ffmpeg -i 3.ape 3.wav",
    ]
    touch(tmp_path, "0\n.wv")
    assert unread_text(tmp_path).isprintable()
