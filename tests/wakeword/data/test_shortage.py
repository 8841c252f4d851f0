"""What a folder lacks is found and said at once, and takes without a word are named before any work."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.wakeword.data.clips import speakers, write_clips
from wakeword.audio.files import write_wav
from wakeword.data.keywords import SILENCE, UNKNOWN, keyword_set
from wakeword.data.shortage import refuse_wordless, shortage
from wakeword.data.speech_commands import NOISE_FOLDER
from wakeword.data.splits import FEW_CLIPS
from wakeword.errors import DataError

COLOURS = keyword_set("red,green,blue")
TAKES = [f"ada_nohash_{number}.wav" for number in range(12)]
MANY = speakers(FEW_CLIPS + 60)


def write(root: Path, few: str = "", many: str = "") -> Path:
    for folder in few.split():
        write_clips(root / folder, TAKES, length=1600)
    for folder in many.split():
        write_clips(root / folder, MANY, length=1600)
    return root


def test_three_words_of_a_dozen_takes_lack_other_words_and_noise(tmp_path: Path) -> None:
    write(tmp_path, "red green blue")
    lacks = shortage(tmp_path, COLOURS)
    assert lacks.few == {"red": 10, "green": 10, "blue": 10, UNKNOWN: 0}
    assert not lacks.alone and not lacks.noise
    assert list(lacks.lines()) == [
        f"{tmp_path} holds too few training clips: 10 of red, 10 of green, 10 of blue, none of other words (100 of "
        "each would do), and no recordings of noise; noise is made up",
        f"{tmp_path} has few speakers, or names that tell none: for validation are 2 of 12 takes of red, 2 of "
        "12 takes of green, 2 of 12 takes of blue, whose accuracy says little of other speakers",
    ]


def test_without_voices_all_that_is_missing_is_one_message_with_what_brings_it(tmp_path: Path) -> None:
    message = shortage(write(tmp_path, "red green blue"), COLOURS).refusal("espeakng_loader is not installed")
    assert message == (
        f"{tmp_path} holds too few training clips: 10 of red, 10 of green, 10 of blue, none of other words (100 of "
        "each would do), and no recordings of noise; synthetic voices would make up for them, but espeakng_loader is "
        "not installed; or record 100 clips of each keyword, and add 100 clips of other words, in folders of their "
        f"names or in {UNKNOWN}"
    )


def test_a_full_folder_lacks_nothing(tmp_path: Path) -> None:
    write(tmp_path, many=f"red green blue cat {NOISE_FOLDER}")
    lacks = shortage(tmp_path, COLOURS)
    assert not lacks.few and lacks.alone and lacks.noise
    assert not list(lacks.lines())


def test_noise_alone_is_made_up_without_voices(tmp_path: Path) -> None:
    write(tmp_path, many="red green blue cat")
    assert list(shortage(tmp_path, COLOURS).lines()) == [f"{tmp_path} holds no recordings of noise; noise is made up"]
    write(tmp_path, few=SILENCE)
    assert not list(shortage(tmp_path, COLOURS).lines())


def test_one_keyword_with_few_clips_beside_others_with_many(tmp_path: Path) -> None:
    lacks = shortage(write(tmp_path, "red", f"green blue cat {NOISE_FOLDER}"), COLOURS)
    assert lacks.few == {"red": 10}
    assert lacks.alone  # trained on as before if there are no voices
    assert lacks.by_take == {"red": (2, 12)}


def test_the_line_on_validation_counts_the_takes_of_each_word(tmp_path: Path) -> None:
    for word, takes in (("red", 1), ("green", 3), ("blue", 7)):
        write_clips(tmp_path / word, TAKES[:takes], length=1600)
    *_, line = shortage(tmp_path, COLOURS).lines()
    assert "validation are none of 1 take of red, 1 of 3 takes of green, 1 of 7 takes of blue, whose accuracy" in line


def test_split_lists_that_leave_no_clips_for_training_are_told(tmp_path: Path) -> None:
    write(tmp_path, "red green blue")
    for name, word in (("testing_list.txt", "red"), ("validation_list.txt", "green")):
        (tmp_path / name).write_text("".join(f"{word}/{take}\n" for take in TAKES))
    *_, line = shortage(tmp_path, COLOURS).lines()
    assert line == (
        f"{tmp_path} has split lists that keep all clips of red, green from training; strike some from "
        "validation_list.txt or testing_list.txt"
    )


def test_a_folder_of_noise_or_of_other_words_alone_lacks_every_keyword(tmp_path: Path) -> None:
    for folder in (NOISE_FOLDER, UNKNOWN):
        lacks = shortage(write(tmp_path / folder, few=folder), COLOURS)
        assert lacks.few == {"red": 0, "green": 0, "blue": 0, UNKNOWN: 10 * (folder == UNKNOWN)}
        assert not lacks.alone and lacks.noise == (folder == NOISE_FOLDER)


def test_a_phrase_that_a_full_folder_does_not_name_is_no_shortage_of_it(tmp_path: Path) -> None:
    lacks = shortage(write(tmp_path, many=f"cat dog {NOISE_FOLDER}"), keyword_set("hey lumen"))
    assert lacks.few == {"hey lumen": 0} and not list(lacks.lines())


def test_clips_of_the_extra_folder_count(tmp_path: Path) -> None:
    write(tmp_path / "data", "red green", f"blue cat {NOISE_FOLDER}")
    write(tmp_path / "extra", many="red")
    lacks = shortage(tmp_path / "data", COLOURS, tmp_path / "extra")
    assert set(lacks.few) == {"green"}
    assert str(lacks).startswith(f"{tmp_path / 'data'} and {tmp_path / 'extra'} hold too few training clips:")


def test_takes_without_a_word_are_named_together(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for name, samples in {
        "good": rng.integers(-3000, 3000, 16_000),
        "brief": rng.integers(-3000, 3000, 400),
        "silent": rng.integers(-3, 3, 16_000),
    }.items():
        (tmp_path / "red").mkdir(exist_ok=True)
        write_wav(tmp_path / "red" / f"{name}.wav", samples.astype(np.int16))
    refuse_wordless(tmp_path, keyword_set("blue"))  # of which red is no clip
    (tmp_path / "red" / "empty.wav").touch()
    with pytest.raises(DataError) as refused:
        refuse_wordless(tmp_path, COLOURS)
    assert str(refused.value) == (
        f"{tmp_path} holds clips without a word: red/brief.wav (0.03 s long), red/empty.wav (no audio that can be "
        "read), red/silent.wav (silent); record them again, or remove them"
    )
