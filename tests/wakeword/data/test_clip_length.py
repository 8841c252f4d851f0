"""The clips of a training are as long as its recorded words need."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.wakeword.audio.test_word import clip
from tests.wakeword.data.clips import speakers, write_clips
from wakeword.audio.files import write_wav
from wakeword.data.clip_length import LONGEST_CLIP, clip_length, trained_clip_seconds
from wakeword.data.examples import load_examples
from wakeword.data.keywords import keyword_set

PHRASE = keyword_set("hey lumen")


def write_phrase(root: Path, seconds: float, count: int = 20, folder: str = "hey_lumen", whole: float = 3) -> Path:
    (root / folder).mkdir(parents=True)
    for number in range(count):
        write_wav(root / folder / f"{number}.wav", clip(whole, (0.9, seconds, 6000)))
    return root


def test_clips_of_a_second_stay_a_second(root: Path) -> None:
    assert clip_length([root], keyword_set("yes,no")) == 16_000
    write_wav(root / "yes" / "one_more.wav", clip(3, (0.5, 2.0, 6000)))  # one long clip of many makes none longer
    assert clip_length([root], keyword_set("yes,no")) == 16_000


def test_short_words_in_long_clips_need_no_more_than_a_second(tmp_path: Path) -> None:
    assert clip_length([write_phrase(tmp_path, 0.5)], PHRASE) == 16_000


@pytest.mark.parametrize("seconds", [1.0, 1.4, 1.8])
def test_a_longer_phrase_gets_longer_clips_which_hold_it_whole(tmp_path: Path, seconds: float) -> None:
    length = clip_length([write_phrase(tmp_path, seconds)], PHRASE)
    assert seconds + 0.2 <= length / 16_000 <= seconds + 0.45 and length % 1600 == 0
    examples = load_examples(tmp_path, PHRASE, "all", cut_silence=False, missing_ok=True)
    assert examples.samples.shape == (20, length)
    loud = np.abs(examples.samples.astype(int)) > 1000
    assert (loud.sum(axis=1) > 0.85 * 2 / np.pi * seconds * 16_000).all()  # all of the tone
    assert not loud[:, :800].any() and not loud[:, -800:].any()


def test_a_second_folder_counts_and_the_longest_word_decides(tmp_path: Path) -> None:
    write_phrase(tmp_path / "data", 0.5)
    write_phrase(tmp_path / "extra", 1.5, count=5, folder="what's up")
    keywords = keyword_set("hey lumen,what's up")
    assert clip_length([tmp_path / "data"], keywords) == 16_000
    assert clip_length([tmp_path / "data", tmp_path / "extra"], keywords) >= 1.7 * 16_000


def test_a_pause_between_the_words_of_a_phrase_belongs_to_it(tmp_path: Path) -> None:
    for folder in ("hey lumen", "lumen"):
        (tmp_path / folder).mkdir()
        write_wav(tmp_path / folder / "a.wav", clip(3, (0.5, 0.4, 6000), (1.4, 0.4, 6000)))
    assert clip_length([tmp_path], PHRASE) == 1.6 * 16_000
    assert clip_length([tmp_path], keyword_set("lumen")) == 16_000


def test_it_has_a_bound_and_other_words_do_not_count(tmp_path: Path) -> None:
    write_phrase(tmp_path, 7, count=2, whole=9)
    assert clip_length([tmp_path], PHRASE) == LONGEST_CLIP
    assert clip_length([tmp_path], keyword_set("cat")) == 16_000


def test_short_clips_among_long_ones_sound_from_their_beginning_as_long_ones_do(tmp_path: Path) -> None:
    write_clips(tmp_path / "hey lumen", speakers(3), length=9_000)
    load = partial(load_examples, tmp_path, PHRASE, "all", cut_silence=False, missing_ok=True, length=24_000)
    for examples, sounding in ((load(), slice(0, 17_000)), (load(lead="silence"), slice(8_000, 17_000))):
        sounds = np.zeros(24_000, bool)
        sounds[sounding] = True  # and silence from there to a second, as in Speech Commands
        assert ((examples.samples != 0) == sounds).all()


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (1.4, 1.4),
        (1, 1.0),
        (4.0, 4.0),
        (0.5, None),
        (9, 6.0),
        (float("inf"), None),
        ("2", None),
        (float("nan"), None),
        (None, None),
    ],
)
def test_a_models_provenance_tells_its_clips_if_it_can_be_true(said: object, seconds: float | None) -> None:
    assert trained_clip_seconds({"clip_seconds": said}) == seconds
    assert trained_clip_seconds({}) is None
