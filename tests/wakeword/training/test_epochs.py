"""The clips of an epoch: how many of each label, from which examples, and by the seed and the number alone."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.signals import at_level, tone
from wakeword.data.augment import Augmentation
from wakeword.data.examples import Examples, join
from wakeword.data.keywords import KeywordSet
from wakeword.inference.engine import batch_features
from wakeword.inference.front_end import LOG_MEL
from wakeword.training.config import Draw, TrainConfig
from wakeword.training.corpus import Corpus, Strata
from wakeword.training.epochs import ahead, make_epoch, shared_draws

SECOND = 16_000
KEYWORDS = KeywordSet("two words", ("yes", "no"))
NOTHING = Augmentation(shift_ms=0, gain_db=(0, 0), noise_probability=0, speed_probability=0)
CONFIG = TrainConfig(draw=Draw(unknown=0.5, silence=0.25, negatives=0))


@pytest.fixture
def examples() -> Examples:
    """3 silences, 20 unknown words, 12 yes, 4 no; each clip is a noise of its own."""
    labels = np.repeat([0, 1, 2, 3], [3, 20, 12, 4])
    samples = np.random.default_rng(0).integers(-3000, 3000, (len(labels), 16_000)).astype(np.int16)
    return Examples(samples, labels, tuple(map(str, range(len(labels)))))


def corpus_of(examples: Examples) -> Corpus:
    return Corpus(KEYWORDS, examples, examples, examples, [], KEYWORDS.labels, examples.labels, LOG_MEL)


def drawing(**draw: Any) -> TrainConfig:
    """The configuration with another draw."""
    return replace(CONFIG, draw=replace(CONFIG.draw, **draw))


def counts(labels: np.ndarray) -> list[int]:
    return np.bincount(labels, minlength=len(KEYWORDS.labels)).tolist()


def test_all_words_and_the_wanted_shares_of_the_rest(examples: Examples) -> None:
    assert counts(make_epoch(corpus_of(examples), CONFIG, 0).labels) == [4, 8, 12, 4]


@pytest.mark.parametrize(("negatives", "unknown"), [(1, 8), (2, 8), (3, 16), (4, 24)])
def test_each_word_has_so_many_negatives_for_each_clip_the_other_word_among_them(
    examples: Examples, negatives: int, unknown: int
) -> None:
    epoch = make_epoch(corpus_of(examples), drawing(negatives=negatives), 0)
    assert counts(epoch.labels) == [4, unknown, 12, 4]


def test_a_single_word_has_four_clips_of_other_words_for_each_of_its_own_and_ten_have_their_share() -> None:
    assert Draw(unknown=0.2).unknown_clips(400, words=1) == 1600
    assert Draw(unknown=0.2).unknown_clips(4000, words=10) == 800
    assert Draw(unknown=4.0).unknown_clips(1000, words=1) == 4000  # as phrases have it
    assert [Draw(unknown=0.2).unknown_clips(400 * words, words) for words in (2, 3, 4, 5)] == [1200, 800, 400, 400]


def test_rare_words_are_repeated_if_each_word_has_its_count(examples: Examples) -> None:
    epoch = make_epoch(corpus_of(examples), drawing(clips_per_word=10), 0)
    assert counts(epoch.labels) == [5, 10, 10, 10]


def test_running_speech_is_drawn_beside_the_other_clips_and_never_for_them(examples: Examples) -> None:
    """Of the 20 unknown clips, the last 8 are running speech."""
    running = np.zeros(len(examples), bool)
    running[15:23] = True
    corpus = replace(corpus_of(examples), running=running)
    epoch = make_epoch(corpus, drawing(running=0.75), 0)
    assert counts(epoch.labels) == [4, 8 + 12, 12, 4]
    assert running[epoch.chosen].sum() == 12
    assert set(epoch.chosen[running[epoch.chosen]]) == set(range(15, 23))
    assert not running[make_epoch(corpus, CONFIG, 0).chosen].any()


def test_the_other_clips_of_an_epoch_are_the_same_with_running_speech(examples: Examples) -> None:
    more = join(examples, examples.at(np.arange(5, 10)))
    running = np.arange(len(more)) >= len(examples)
    corpus = replace(corpus_of(more), running=running)
    with_it, without = make_epoch(corpus, drawing(running=0.5), 3), make_epoch(corpus_of(examples), CONFIG, 3)
    assert sorted(with_it.chosen[~running[with_it.chosen]]) == sorted(without.chosen)


def test_people_talk_behind_the_clips_of_words_and_not_behind_silence(examples: Examples) -> None:
    noise = np.zeros(SECOND, np.int16)
    talk = tuple(at_level(tone(hz), -20) for hz in (400, 500))
    loud = replace(NOTHING, noise_probability=1, snr_db=(-20, -20), silence_dbfs=(-90, -90))
    corpus = replace(corpus_of(examples), noises=[noise], talk=talk)
    epoch = make_epoch(corpus, replace(drawing(clips_per_word=60), augmentation=loud), 0)
    tones = batch_features(np.array([each[:SECOND] for each in talk])).mean(axis=1).argmax(axis=1)
    peaks = epoch.features.mean(axis=1).argmax(axis=1)
    behind = np.isin(peaks, tones)
    assert not behind[epoch.labels == 0].any()
    assert 0.5 < behind[epoch.labels > 0].mean() < 0.8  # two of three recordings


def test_a_draw_that_is_too_small_for_an_epoch_is_repeated_whole(examples: Examples) -> None:
    epoch = make_epoch(corpus_of(examples), drawing(least=57), 0)
    assert counts(epoch.labels) == [12, 24, 36, 12]  # 28 clips three times
    assert counts(make_epoch(corpus_of(examples), drawing(least=28), 0).labels) == [4, 8, 12, 4]


def test_a_repeated_word_uses_its_clips_evenly(examples: Examples) -> None:
    config = replace(drawing(clips_per_word=10), augmentation=NOTHING)
    epoch = make_epoch(corpus_of(examples), config, 0)
    own = batch_features(examples.samples[examples.labels == 3])
    drawn = epoch.features[epoch.labels == 3]
    uses = [sum(np.array_equal(clip, features) for features in drawn) for clip in own]
    assert sorted(uses) == [2, 2, 3, 3]


def test_clips_of_each_kind_come_by_its_weight_however_few_there_are(examples: Examples) -> None:
    of = np.zeros(len(examples), np.int64)
    of[[3, 4, 23]] = 1  # two of the twenty unknown ones, and one of the twelve yes
    corpus = replace(corpus_of(examples), strata=Strata(of, np.array([3.0, 1.0])))
    epoch = make_epoch(corpus, drawing(unknown=1.0, clips_per_word=8), 0)
    assert counts(epoch.labels) == [4, 16, 8, 8]
    for label, wanted in ((1, [12, 4]), (2, [6, 2])):
        assert np.bincount(of[epoch.chosen[epoch.labels == label]]).tolist() == wanted


def test_an_epoch_depends_on_its_number_and_the_seed_alone(examples: Examples) -> None:
    noises = [np.random.default_rng(1).integers(-500, 500, 40_000).astype(np.int16)]
    corpus = replace(corpus_of(examples), noises=noises)
    once, again = (make_epoch(corpus, CONFIG, 1) for _ in range(2))
    other, next_one = (make_epoch(corpus, replace(CONFIG, seed=seed), epoch) for seed, epoch in ((1, 1), (0, 2)))
    assert np.array_equal(once.features, again.features) and np.array_equal(once.labels, again.labels)
    assert not np.array_equal(once.features, other.features)
    assert not np.array_equal(once.features, next_one.features)


def test_a_clip_tells_which_example_it_was_made_from(examples: Examples) -> None:
    epoch = make_epoch(corpus_of(examples), replace(drawing(silence=0), augmentation=NOTHING), 0)
    assert np.array_equal(examples.labels[epoch.chosen], epoch.labels)
    assert np.array_equal(batch_features(examples.samples[epoch.chosen]), epoch.features)


def test_results_made_ahead_come_in_order_and_only_for_the_numbers_asked() -> None:
    made: list[int] = []

    def make(number: int) -> int:
        made.append(number)
        return number * number

    assert list(ahead(make, range(3, 6))) == [9, 16, 25]
    assert list(ahead(make, range(6, 6))) == []
    assert made == [3, 4, 5]


@pytest.mark.parametrize(("first", "draws"), [(0, [0, 0, 0, 1, 1, 1, 2]), (2, [0, 1, 1, 1, 2]), (3, [1, 1, 1, 2])])
def test_epochs_share_draws_also_if_training_goes_on_in_the_middle_of_one(first: int, draws: list[int]) -> None:
    made: list[int] = []

    def make(number: int) -> int:
        made.append(number)
        return number

    assert list(shared_draws(make, range(first, 7), shared=3)) == draws
    assert made == sorted(set(draws))


def test_features_are_those_of_the_front_end(examples: Examples) -> None:
    epoch = make_epoch(corpus_of(examples), replace(drawing(unknown=0, silence=0), augmentation=NOTHING), 0)
    wanted = {features.tobytes() for features in batch_features(examples.samples[examples.labels >= 2])}
    assert {features.tobytes() for features in epoch.features} == wanted
