"""Channels are averaged; if they cancel each other out, one is heard alone, and a line says so."""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from tests.wakeword.terminal import wakeword
from wakeword.audio.files import MAX_CHANNELS, blocks, read_audio, read_part
from wakeword.audio.mixing import Mixer
from wakeword.live.sources import raw_source

RNG = np.random.default_rng(3)
SPEECH = np.repeat(RNG.integers(-9000, 9000, 16_000), 4).astype(np.int16)  # 4 s
OPPOSITE = np.stack([SPEECH, -SPEECH], axis=1)
LINE = "the channels have opposite phase and would cancel each other out, so channel 1 alone is heard"


def mixed(*channels: npt.NDArray[np.generic], block: int = 800) -> tuple[npt.NDArray[np.floating], list[int]]:
    told: list[int] = []
    samples = np.stack(channels, axis=1)
    mixer = Mixer(len(channels), told.append)
    return np.concatenate([mixer.mix(samples[at : at + block]) for at in range(0, len(samples), block)]), told


def test_channels_are_averaged() -> None:
    other = RNG.integers(-9000, 9000, len(SPEECH)).astype(np.int16)
    mix, told = mixed(SPEECH, other)
    assert np.array_equal(mix, np.stack([SPEECH, other], axis=1).mean(axis=1)) and not told


def test_of_channels_of_opposite_phase_the_louder_is_taken_alone_and_told_once() -> None:
    quieter = (0.8 * -SPEECH).astype(np.int16)
    for channels, louder in (((SPEECH, quieter), 1), ((quieter, SPEECH), 2), ((0 * SPEECH, SPEECH, quieter), 2)):
        mix, told = mixed(*channels)
        assert np.array_equal(mix, SPEECH) and told == [louder]


def test_silence_before_does_not_hide_it() -> None:
    silence = np.zeros(10_000, np.int16)
    mix, told = mixed(np.concatenate([silence, SPEECH]), np.concatenate([silence, -SPEECH]))
    assert np.array_equal(mix[10_000:], SPEECH) and told == [1]


@pytest.mark.parametrize("count", [2, MAX_CHANNELS])
def test_one_channel_with_sound_beside_silent_ones_is_no_cancellation(count: int) -> None:
    mix, told = mixed(SPEECH, *[np.zeros_like(SPEECH)] * (count - 1))
    assert np.allclose(mix, SPEECH / count) and not told


def test_a_moment_of_opposite_phase_in_a_recording_changes_nothing() -> None:
    other = np.concatenate([SPEECH[:32_000], -SPEECH[32_000:36_000], SPEECH[36_000:]])
    mix, told = mixed(SPEECH, other)
    assert np.array_equal(mix, np.stack([SPEECH, other], axis=1).mean(axis=1)) and not told


@pytest.mark.parametrize("name", ["a.wav", "a.flac"])
def test_a_file_is_read_alike_whole_in_blocks_and_in_part(tmp_path: Path, name: str) -> None:
    soundfile.write(tmp_path / name, OPPOSITE, 16_000, subtype="PCM_16")
    told: list[str] = []
    assert np.array_equal(read_audio(tmp_path / name, tell=told.append), SPEECH)
    assert np.array_equal(np.concatenate(list(blocks(tmp_path / name, 777, tell=told.append))), SPEECH)
    assert told == [f"{tmp_path / name}: {LINE}"] * 2
    with pytest.warns(UserWarning, match=LINE):
        assert np.array_equal(read_part(tmp_path / name, 20_000, 30_000), SPEECH[20_000:30_000])


def test_raw_samples_of_a_pipe_are_mixed_alike() -> None:
    with pytest.warns(UserWarning, match=f"^standard input: {LINE}$"):
        samples = np.concatenate(list(raw_source(io.BytesIO(OPPOSITE.tobytes()), channels=2)))
    assert np.array_equal(samples, SPEECH)


def test_nobody_is_warned_of_one_channel(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", SPEECH, 16_000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read_audio(tmp_path / "a.wav")


def test_the_command_says_so_in_a_line_for_each_of_the_first_files(tmp_path: Path) -> None:
    for folder, count in (("yes", 20), ("no", 1)):
        (tmp_path / folder).mkdir()
        for number in range(count):
            soundfile.write(tmp_path / folder / f"{number}.wav", OPPOSITE[:16_000], 16_000)
    done = wakeword("eval", "google12", "--data", tmp_path, "--split", "all")
    said = [line for line in done.stderr.splitlines() if LINE in line]
    assert 1 < len(said) < 10 and all(line.startswith(f"wakeword: {tmp_path}") for line in said), done.stderr
    assert done.stderr.count("and so for more, which are not listed") == 1


def test_the_command_hears_a_pipe_of_opposite_phase(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", OPPOSITE, 16_000)
    done = wakeword("listen", "--model", "google12", "--input", tmp_path / "a.wav")
    assert f"wakeword: {tmp_path / 'a.wav'}: {LINE}" in done.stderr.splitlines()
