"""Recording one's own voice: good takes become clips to train with, and faulty ones are repeated."""

from __future__ import annotations

import subprocess
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from tests.service.pulse import Room
from tests.waits import PATIENCE
from tests.wakeword.live.takes import COUNT_SECONDS, ROOM_SECONDS, TAKE_SECONDS, hiss, take, until_speak, word
from tests.wakeword.terminal import refusal, started, wakeword
from wakeword.audio.files import read_audio, write_wav
from wakeword.data.examples import load_examples
from wakeword.data.keywords import keyword_set
from wakeword.errors import DataError, DeviceError, UsageError
from wakeword.live.record import Answer, record
from wakeword.live.record_prompt import MOST_FAULTS, UnattendedPrompt
from wakeword.live.take import Fault, Take, judge


class Script:
    """A speaker with one utterance per take, and a prompt with one answer per take."""

    def __init__(self, spoken: list[Samples], answers: list[Answer] | None = None) -> None:
        self._spoken = spoken
        self._answers = answers or [Answer.KEEP] * len(spoken)
        self.seen: list[object] = []

    def open(self) -> Iterator[Samples]:
        samples = np.concatenate([hiss(COUNT_SECONDS), self._spoken.pop(0)])
        yield from np.array_split(samples, 97)  # blocks of odd sizes

    def take(self, number: int, takes: int) -> None:
        self.seen.append((number, takes))

    def count(self, number: int) -> None:
        self.seen.append(number)

    def ask(self, outcome: Take | Fault) -> Answer:
        self.seen.append(type(outcome))
        return self._answers.pop(0)


def test_takes_follow_a_countdown_and_are_kept_in_the_layout_of_training(tmp_path: Path) -> None:
    script = Script([take(word())] * 2)
    added = record("hey lumen", tmp_path, "ada", 2, script.open, script)
    assert added == [tmp_path / "hey lumen" / f"ada_nohash_{number}.wav" for number in (0, 1)]
    assert script.seen == [(1, 2), 3, 2, 1, 0, Take, (2, 2), 3, 2, 1, 0, Take]
    info = soundfile.info(added[0])
    assert (info.samplerate, info.channels, info.subtype, info.frames) == (SAMPLE_RATE, 1, "PCM_16", 16_000)
    examples = load_examples(tmp_path, keyword_set("hey lumen"), "all", silence=0, missing_ok=True)
    assert len(examples) == 2


def test_a_microphone_that_cannot_be_opened_is_told_before_the_countdown(tmp_path: Path) -> None:
    script = Script([])

    def broken() -> Iterator[Samples]:
        yield from ()
        raise DeviceError("the microphone can't be opened")

    with pytest.raises(DeviceError, match="the microphone can't be opened"):
        record("go", tmp_path, "ada", 2, broken, script)
    assert script.seen == []


def test_a_take_is_repeated_on_request_and_a_faulty_one_is_never_kept(tmp_path: Path) -> None:
    script = Script([take(word(0.4)), hiss(TAKE_SECONDS), take(word(0.5))], [Answer.AGAIN, Answer.KEEP, Answer.KEEP])
    (added,) = record("go", tmp_path, "ada", 1, script.open, script)
    assert np.array_equal(read_audio(added), judge(take(word(0.5)), hiss(ROOM_SECONDS)).clip)  # type: ignore[union-attr]


def test_stopping_keeps_the_takes_so_far_and_the_next_run_adds_the_rest(tmp_path: Path) -> None:
    script = Script([take(word())] * 2, [Answer.KEEP, Answer.STOP])
    assert len(record("go", tmp_path, "ada", 3, script.open, script)) == 1
    again = Script([take(word())] * 2)
    assert [path.name for path in record("go", tmp_path, "ada", 3, again.open, again)] == [
        "ada_nohash_1.wav",
        "ada_nohash_2.wav",
    ]
    other = Script([take(word())])
    assert [path.name for path in record("go", tmp_path, "bob", 1, other.open, other)] == ["bob_nohash_0.wav"]
    assert record("go", tmp_path, "ada", 3, other.open, other) == []


def test_takes_are_kept_if_the_microphone_stops_in_a_later_one(tmp_path: Path) -> None:
    script = Script([take(word()), hiss(0.5)])
    with pytest.raises(DeviceError, match="the microphone stopped in the middle of a take"):
        record("go", tmp_path, "ada", 2, script.open, script)
    assert len(list((tmp_path / "go").iterdir())) == 1


@pytest.mark.parametrize("name", ["a b", "../ada", "", "a_nohash_b"])
def test_a_name_that_is_not_allowed_in_a_file_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="can't be a speaker's name"):
        record("go", tmp_path, name, 1, Script([]).open, Script([]))


@pytest.mark.parametrize("name", ["नेहा", "Nguyễn", "สมชาย", "אַבָּא", "jose\u0301"])
def test_a_name_may_be_written_in_any_script(tmp_path: Path, name: str) -> None:
    script = Script([take(word())], [Answer.KEEP])
    (file,) = record("go", tmp_path, name, 1, script.open, script)
    assert file.name == f"{unicodedata.normalize('NFC', name)}_nohash_0.wav"


def test_an_unattended_recording_ends_after_five_faults(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = Script([take(word()), *[hiss(TAKE_SECONDS)] * MOST_FAULTS])
    with pytest.raises(DataError, match=f"{MOST_FAULTS} takes in a row failed; the last was no speech"):
        record("go", tmp_path, "ada", 2, script.open, UnattendedPrompt())
    assert "take 1 of 2: 3 2 1 speak! 1.0 s at -20 dBFS" in capsys.readouterr().out


@pytest.fixture
def room() -> Iterator[Room]:
    room = Room()
    yield room
    room.remove()


def test_the_command_records_words_from_the_microphone(room: Room, tmp_path: Path) -> None:
    """The second word is too quiet at first, and is recorded again."""
    breath = np.zeros(SAMPLE_RATE // 2, np.int16)  # nobody speaks at once; what begins with the take was cut off
    write_wav(tmp_path / "loud.wav", np.concatenate([breath, word()]))
    write_wav(tmp_path / "quiet.wav", np.concatenate([breath, word(dbfs=-52)]))
    arguments = ("record", "go", "--out", tmp_path / "mine", "--takes", "2", "--name", "ada", "--seconds", "5")
    with started(*arguments, environment=room.environment, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        for spoken, answer in (("loud", b"k\n"), ("quiet", b"a\n"), ("loud", b"\n")):
            until_speak(process)
            room.play(tmp_path / f"{spoken}.wav")
            process.stdin.write(answer)
        said, complaint = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, complaint
    assert b"2 new takes by ada" in said
    for number in (0, 1):
        clip = read_audio(tmp_path / "mine" / "go" / f"ada_nohash_{number}.wav")
        start = np.flatnonzero(clip)[0]  # the room is digitally silent
        assert np.array_equal(clip[start : start + len(word()) - 200], word()[1 : len(word()) - 199])
    assert len(list((tmp_path / "mine" / "go").iterdir())) == 2


def test_wrong_use_is_one_line(tmp_path: Path) -> None:
    assert "one word or phrase at a time" in refusal(wakeword("record", "yes,no", "--out", tmp_path / "x"))
    assert "'../go' can't be a keyword" in refusal(wakeword("record", "../go", "--out", tmp_path / "x"))
    assert not (tmp_path / "x").exists()
