"""Clips become examples with labels, one second each."""

import re
from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.wakeword.data.clips import speakers, write_clips
from wakeword.audio.files import write_wav
from wakeword.data.examples import MADE_NOISE, Examples, join, load_examples, word_classes
from wakeword.data.keywords import SILENCE, UNKNOWN, KeywordSet, keyword_set
from wakeword.data.speech_commands import NOISE_FOLDER, background_noise
from wakeword.data.split_lists import Split
from wakeword.errors import DataError

YES_NO = keyword_set("yes,no")


def counts(examples: Examples, keywords: KeywordSet) -> dict[str, int]:
    return dict(Counter(keywords.labels[label] for label in examples.labels))


def test_clips_become_one_second_each_padded_at_the_end_or_cut_around_their_loudest_part(root: Path) -> None:
    write_wav(root / "yes" / "short_nohash_0.wav", np.full(9_000, 7, np.int16))
    write_wav(root / "yes" / "long_nohash_0.wav", np.arange(20_000, dtype=np.int16))
    examples = load_examples(root, YES_NO, "training")
    assert examples.samples.shape == (len(examples), 16_000)
    assert examples.samples.dtype == np.int16
    assert examples.labels.dtype == np.int64
    short = examples.samples[examples.names.index("yes/short_nohash_0.wav")]
    assert short[:9_000].tolist() == [7] * 9_000
    assert not short[9_000:].any()
    long = examples.samples[examples.names.index("yes/long_nohash_0.wav")]
    assert np.array_equal(long, np.arange(4_000, 20_000))  # it grows louder


def test_each_clip_keeps_its_own_label_and_name(root: Path) -> None:
    examples = load_examples(root, YES_NO, "test")
    folders = {SILENCE: NOISE_FOLDER, UNKNOWN: "cat", "yes": "yes", "no": "no"}
    assert [name.split("/")[0] for name in examples.names] == [
        folders[YES_NO.labels[label]] for label in examples.labels
    ]
    for name, samples in zip(examples.names, examples.samples, strict=True):
        if NOISE_FOLDER not in name:
            value = speakers(20).index(Path(name).name) + 1  # as write_clips numbered them
            assert (samples == value).all()


def test_by_default_every_other_word_is_unknown_and_a_tenth_is_silence(root: Path) -> None:
    examples = load_examples(root, YES_NO, "training")
    assert counts(examples, YES_NO) == {"yes": 15, "no": 15, UNKNOWN: 15, SILENCE: 3}


def test_shares_are_of_the_keyword_clips_rounded_up(root: Path) -> None:
    examples = load_examples(root, YES_NO, "training", unknown=0.11, silence=0.21)
    assert counts(examples, YES_NO) == {"yes": 15, "no": 15, UNKNOWN: 4, SILENCE: 7}
    assert counts(load_examples(root, YES_NO, "training", unknown=0, silence=0), YES_NO) == {
        "yes": 15,
        "no": 15,
    }


def test_the_seed_decides_the_draws(root: Path) -> None:
    def drawn(seed: int) -> tuple[tuple[str, ...], bytes]:
        examples = load_examples(root, YES_NO, "training", unknown=0.2, seed=seed)
        return examples.names, examples.samples.tobytes()

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_silence_is_cut_from_the_noise_at_random_volumes(root: Path) -> None:
    examples = load_examples(root, YES_NO, "training", silence=2.0)
    noise = background_noise(root)[0].astype(float)
    silent = [i for i, label in enumerate(examples.labels) if YES_NO.labels[label] == SILENCE]
    volumes = []
    for i in silent:
        source = noise[int(examples.names[i].split("@")[1]) :][:16_000]
        volume = examples.samples[i] @ source / (source @ source)
        assert np.abs(examples.samples[i] - volume * source).max() < 1
        volumes.append(volume)
    assert 0 <= min(volumes) < 0.2
    assert 0.8 < max(volumes) <= 1


def test_training_and_test_silence_are_different_cuts(root: Path) -> None:
    def silence(split: Split) -> set[str]:
        return {name for name in load_examples(root, YES_NO, split, silence=1.0).names if NOISE_FOLDER in name}

    assert not silence("training") & silence("test")


def test_folders_of_silence_and_unknown_clips_are_used_if_there_are_any(root: Path) -> None:
    write_clips(root / SILENCE, ["a.wav", "b.wav"])
    write_clips(root / UNKNOWN, ["a.wav"])
    examples = load_examples(root, YES_NO, "training")
    assert counts(examples, YES_NO) == {"yes": 15, "no": 15, UNKNOWN: 16, SILENCE: 2}
    assert {f"{SILENCE}/a.wav", f"{SILENCE}/b.wav", f"{UNKNOWN}/a.wav"} <= set(examples.names)


def test_a_set_without_unknown_leaves_other_words_out(root: Path) -> None:
    only = KeywordSet("only", ("yes", "no"), unknown=False, silence=False)
    assert counts(load_examples(root, only, "test"), only) == {"yes": 2, "no": 2}


def test_a_word_without_clips_is_named_with_its_split(root: Path) -> None:
    with pytest.raises(DataError, match=r"no validation clips of 'alexa', 'snowboy'; add"):
        load_examples(root, keyword_set("yes,alexa,snowboy"), "validation")


def test_training_needs_something_unknown_and_something_silent(root: Path) -> None:
    with pytest.raises(DataError, match=f"no training clips for {UNKNOWN}"):
        load_examples(root, keyword_set("yes,no,cat"), "training")
    (root / NOISE_FOLDER / "noise.wav").unlink()
    with pytest.raises(DataError, match=f"nothing for {SILENCE}"):
        load_examples(root, YES_NO, "training")


def test_evaluation_may_do_without_some_labels(root: Path) -> None:
    (root / NOISE_FOLDER / "noise.wav").unlink()
    keywords = keyword_set("yes,alexa")
    assert counts(load_examples(root, keywords, "test", missing_ok=True), keywords) == {"yes": 2, UNKNOWN: 4}
    nothing = load_examples(root, keyword_set("alexa"), "test", unknown=0, missing_ok=True)
    assert nothing.samples.shape == (0, 16_000)


def test_silence_is_cut_from_noise_that_is_made_if_there_are_no_recordings(root: Path) -> None:
    made = [np.full(32_000, 1000, np.int16)]
    recorded = load_examples(root, YES_NO, "training", made_noise=made)
    assert not any(MADE_NOISE in name for name in recorded.names)
    (root / NOISE_FOLDER / "noise.wav").unlink()
    examples = load_examples(root, YES_NO, "training", made_noise=made)
    cut = [name for name in examples.names if MADE_NOISE in name]
    assert len(cut) == counts(examples, YES_NO)[SILENCE] > 0
    assert all("@" in name for name in cut)


def test_takes_of_one_speaker_train_and_validate(tmp_path: Path) -> None:
    for word in ("yes", "no", "cat"):
        write_clips(tmp_path / word, [f"ada_nohash_{number}.wav" for number in range(12)])
    load = partial(load_examples, tmp_path, YES_NO, silence=0)
    training, validation = (set(load(split).names) for split in ("training", "validation"))
    assert (len(training), len(validation)) == (30, 6) and not training & validation


def test_a_clip_with_nan_is_named(root: Path) -> None:
    broken = root / "yes" / "broken_nohash_0.wav"
    soundfile.write(broken, np.full(16_000, np.nan), 16_000, subtype="FLOAT")
    with pytest.raises(DataError, match=f"^{re.escape(str(broken))} holds NaN"):
        load_examples(root, YES_NO, "training")


def test_other_words_with_many_clips_are_classes_of_their_own() -> None:
    labels = np.array([1] * 5 + [1] * 2 + [0] + [2] * 3)
    names = tuple([f"cat/{i}" for i in range(5)] + ["dog/0", "dog/1", f"{NOISE_FOLDER}/hum.wav@0", *["yes/0"] * 3])
    examples = Examples(np.zeros((len(labels), 16_000), np.int16), labels, names)
    classes, class_of = word_classes(examples, KeywordSet("yes", ("yes",)), least=3)
    assert classes == (SILENCE, UNKNOWN, "yes", "cat")
    assert class_of.tolist() == [3] * 5 + [1] * 2 + [0] + [2] * 3


def test_without_an_unknown_class_the_classes_are_the_labels() -> None:
    keywords = KeywordSet("two", ("yes", "no"), unknown=False, silence=False)
    examples = Examples(np.zeros((2, 16_000), np.int16), np.array([0, 1]), ("yes/0", "no/0"))
    classes, class_of = word_classes(examples, keywords)
    assert classes == ("yes", "no") and class_of.tolist() == [0, 1]


def numbered(*numbers: int) -> Examples:
    samples = np.repeat(np.array(numbers, np.int16)[:, None], 4, axis=1)
    return Examples(samples, np.array(numbers, np.int64), tuple(f"yes/{number}" for number in numbers))


def test_examples_are_picked_by_a_mask_or_in_an_order() -> None:
    picked = (numbered(5, 6, 7).at(np.array([True, False, True])), numbered(5, 6, 7).at(np.array([2, 0])))
    for examples, wanted in zip(picked, ([5, 7], [7, 5]), strict=True):
        assert examples.samples[:, 0].tolist() == examples.labels.tolist() == wanted
        assert examples.names == tuple(f"yes/{number}" for number in wanted)


def test_parts_are_joined_in_their_order_and_one_alone_is_not_copied() -> None:
    both = join(numbered(5), numbered(), numbered(6, 7))
    assert both.samples[:, 0].tolist() == both.labels.tolist() == [5, 6, 7]
    assert both.names == ("yes/5", "yes/6", "yes/7")
    alone = numbered(5)
    assert join(alone, numbered()) is alone
