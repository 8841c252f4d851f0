"""Presets, and the sizes of their networks."""

import pytest

from bench.firmware.phrase import untrained
from wakeword.errors import WakewordError
from wakeword.model.size import model_size
from wakeword.training.config import CarriedState, TrainConfig
from wakeword.training.overrides import apply_settings
from wakeword.training.presets import PRESETS, for_phrases, of_size, preset


def test_a_preset_takes_its_seed() -> None:
    assert preset("small", 7).seed == 7
    assert preset("best") == PRESETS["best"]


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(WakewordError, match="choose one of paper, small, best"):
        preset("huge")


PLAIN = apply_settings(preset("best"), {"convolution": "none", "frames_per_step": "2"})


@pytest.mark.parametrize("config", [preset("best"), PLAIN], ids=["convolutions", "plain"])
@pytest.mark.parametrize(("size", "words"), [("1", 1), ("2", 1), ("1.5", 10), ("6", 10), ("10", 10)])
def test_a_network_of_so_many_kilobytes_fits_into_them(size: str, words: int, config: TrainConfig) -> None:
    model = untrained(of_size(config, size), [f"word{i}" for i in range(words)])
    assert 0.9 * 1024 * float(size) < sum(model_size(model).values()) <= 1024 * float(size)


def test_best_has_the_network_of_six_kilobytes() -> None:
    assert of_size(preset("best"), "6") == preset("best")


@pytest.mark.parametrize("name", ["small", "best"])
def test_phrases_have_the_network_of_recorded_words(name: str) -> None:
    assert for_phrases(preset(name)).cell == preset(name).cell


def test_clips_of_a_phrase_begin_from_silence_with_best_and_not_with_small() -> None:
    best, small = for_phrases(preset("best")).carried_state, for_phrases(preset("small")).carried_state
    assert (best, small) == (CarriedState(0.85, jitter_steps=15, from_silence=0.4), CarriedState())
    assert preset("small").carried_state == CarriedState(0.85, jitter_steps=30, from_silence=0.4)


@pytest.mark.parametrize("name", ["small", "best"])
@pytest.mark.parametrize(("size", "negatives"), [("1", 300), ("1.5", 300), ("2", 300), ("6", 1500), ("10", 1500)])
def test_the_threshold_of_a_phrase_follows_the_size_that_is_trained(name: str, size: str, negatives: int) -> None:
    assert of_size(for_phrases(preset(name)), size).negatives_per_false_accept(hours=0) == negatives


def test_an_hour_of_recordings_is_asked_more_than_the_highest_score_of_synthetic_clips() -> None:
    phrase = for_phrases(preset("best"))
    assert [phrase.negatives_per_false_accept(hours) for hours in (0.9, 1.0)] == [1500, 300]
    assert phrase.selection.false_accepts_per_hour == 0.5


def test_phrases_come_through_narrow_channels_if_recordings_of_negatives_may_all_be_of_one() -> None:
    alone, beside = (for_phrases(preset("best"), streams=streams) for streams in (False, True))
    for config, probability in ((alone, 0.0), (beside, 0.4)):
        teacher = config.distillation.teacher
        assert teacher and teacher.augmentation == config.augmentation
        assert config.augmentation.channel_probability == probability


def test_the_threshold_of_a_phrase_follows_its_settings() -> None:
    phrase = for_phrases(preset("best"))
    assert apply_settings(phrase, {"hidden": "36"}).negatives_per_false_accept(hours=0) == 300
    assert apply_settings(phrase, {"negatives_per_false_accept": "700"}).negatives_per_false_accept(hours=1) == 700
    assert preset("best").negatives_per_false_accept(hours=1) == 100  # of recorded words


def test_another_size_is_refused() -> None:
    with pytest.raises(WakewordError, match="no network of 7 kilobytes; choose one of 1, "):
        of_size(preset("best"), "7")
