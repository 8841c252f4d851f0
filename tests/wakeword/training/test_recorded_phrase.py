"""Takes of one's own voice, from the microphone by `wakeword record` to a model that hears them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from tests.service.pulse import Room
from tests.waits import PATIENCE
from tests.wakeword.live.takes import until_speak
from tests.wakeword.terminal import Run, started
from tests.wakeword.training.roads import heard, trained
from wakeword.audio.files import read_audio, to_int16, write_wav
from wakeword.synth.espeak_ng import EspeakNg
from wakeword.synth.voice import Utterance

PHRASE = "hey lumen"
TAKES = 3


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    yield room
    room.remove()


def said(text: str, speed: float) -> Samples:
    """What the one speaker says, who waits a little before it."""
    engine = EspeakNg()
    voice = engine.draw(np.random.default_rng(1))
    speech = engine.speak(Utterance(text), replace(voice, speed=speed))
    return np.concatenate([np.zeros(SAMPLE_RATE // 4, np.int16), to_int16(speech * (12_000 / np.abs(speech).max()))])


def record(room: Room, folder: Path, sounds: list[Path]) -> None:
    """Record takes by the command; each sound is played when it says that one should speak."""
    takes = ("--takes", str(len(sounds)), "--name", "ada", "--seconds", "4", "--yes")
    with started("record", PHRASE, "--out", folder, *takes, environment=room.environment) as process:
        for sound in sounds:
            until_speak(process)
            room.play(sound)
        _, complaint = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, complaint


def test_recorded_takes_become_a_model_that_hears_them(
    room: Room, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sounds = [tmp_path / f"{number}.wav" for number in range(TAKES)]
    for sound, speed in zip(sounds, np.linspace(0.9, 1.1, TAKES), strict=True):
        write_wav(sound, said(PHRASE, float(speed)))
    mine, model = tmp_path / "mine", tmp_path / "lumen.safetensors"
    record(room, mine, sounds)
    done = trained(run, PHRASE, model, tmp_path / "cache", monkeypatch, "--extra", mine)
    assert f"{mine}: {PHRASE} {TAKES} clips\n" in done.err
    takes = [read_audio(mine / PHRASE / f"ada_nohash_{number}.wav") for number in range(TAKES)]
    assert heard(model, takes) == list(range(1, TAKES + 1))
    assert heard(model, [said(PHRASE, 0.97)]) == [1]
    assert heard(model, [said("it rained for three days", 1), said("where did you put my shoes", 1)]) == []
