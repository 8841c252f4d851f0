"""`--set FIELD=VALUE`: the fields of a configuration that it sets, and its refusals in one line."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from wakeword.errors import WakewordError
from wakeword.networks.config import ConvolutionConfig
from wakeword.training.config import TrainConfig
from wakeword.training.overrides import apply_settings, parse_settings
from wakeword.training.presets import PRESETS

CONFIG = TrainConfig()
BEST = PRESETS["best"]


def test_texts_become_settings_and_the_last_of_a_field_counts() -> None:
    assert parse_settings(["hidden=64", "snr = 2 ", "hidden=32"]) == {"hidden": "32", "snr": "2"}


@pytest.mark.parametrize("pair", ["hidden", "=3", "hidden=", ""])
def test_a_text_of_another_form_is_refused(pair: str) -> None:
    with pytest.raises(WakewordError, match="FIELD=VALUE"):
        parse_settings([pair])


def test_nothing_set_changes_nothing() -> None:
    assert all(apply_settings(config, {}) == config for config in PRESETS.values())


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("density", "0.25", lambda config: config.sparsity.density == 0.25),
        ("learning_rate", "1e-3", lambda config: config.optimization.learning_rate == 0.001),
        ("clips_per_word", "200", lambda config: config.draw.clips_per_word == 200),
        ("clips_per_word", "none", lambda config: config.draw.clips_per_word is None),
        ("include_validation", "true", lambda config: config.selection.include_validation is True),
        ("hidden", "64", lambda config: config.cell.hidden == 64),
        ("cell.rank_w", "None", lambda config: config.cell.rank_w is None),
        ("weight_drop", "0.1", lambda config: config.regularization.weight_drop == 0.1),
        ("quantizer", "ternary", lambda config: config.quantization.quantizer == "ternary"),
        ("gate", "tanh", lambda config: config.cell.gate == "tanh"),
        ("sparse", "7", lambda config: config.stages.sparse == 7),
        ("augmentation.snr_db", "-2:20.5", lambda config: config.augmentation.snr_db == (-2.0, 20.5)),
        ("masks.count", "2", lambda config: config.feature_augmentation.masks.count == 2),
    ],
)
def test_a_field_takes_the_value_of_its_type(name: str, text: str, found: Callable[[TrainConfig], bool]) -> None:
    assert found(apply_settings(CONFIG, {name: text}))


def test_a_field_of_the_configuration_itself_comes_before_one_of_a_part() -> None:
    config = apply_settings(BEST, {"batch_size": "32", "teacher.batch_size": "50", "teacher.widths": "8:16:24"})
    teacher = config.distillation.teacher
    assert teacher is not None
    assert (config.optimization.batch_size, teacher.batch_size, teacher.widths) == (32, 50, (8, 16, 24))


def test_a_part_can_be_none() -> None:
    assert apply_settings(BEST, {"teacher": "none"}) == replace(
        BEST, distillation=replace(BEST.distillation, teacher=None)
    )


def test_the_inputs_follow_the_frames_of_a_step() -> None:
    assert apply_settings(CONFIG, {"frames_per_step": "3"}).cell.inputs == 96
    assert apply_settings(BEST, {"convolution": "none", "frames_per_step": "1"}).cell.inputs == 32


def test_a_part_can_be_had_with_its_defaults_and_then_be_set() -> None:
    cell = apply_settings(CONFIG, {"convolution": "default", "convolution.frame_stride": "1"}).cell
    assert cell.convolution == ConvolutionConfig(frame_stride=1)
    assert (cell.frames_per_step, cell.inputs, cell.cell_inputs) == (2, 64, 112)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("width", "3", "there is no field 'width' to set; choose one of .*hidden.*low_rank"),
        ("cell.width", "3", "cell.width: there is no field 'width' to set; choose one of kind, inputs"),
        ("seed.high", "3", "seed.high: seed is 0, which has no field 'high'"),
        ("teacher.epochs", "3", "teacher.epochs: distillation.teacher is None, which has no field 'epochs'"),
        ("hidden", "many", "hidden: 'many' is not a whole number"),
        ("hidden", "6.5", "hidden: '6.5' is not a whole number"),
        ("density", "nan", "density: 'nan' is not a number"),
        ("hidden", "none", "hidden: 'none' is not a whole number"),
        ("gate", "relu", "gate: 'relu' is not one of sigmoid, tanh"),
        ("include_validation", "1", "'1' is neither true nor false"),
        ("augmentation.snr_db", "3", "'3' is not 2 values with a colon"),
        ("augmentation", "3", "augmentation is a group of fields; set them one by one"),
        ("snr_db", "30:0", "snr_db: 30 is more than 0; give LOW:HIGH"),
        ("augmentation.speed", "0:1", "augmentation.speed: 0.0 is less than 0.1"),
        ("seed", "-1", "seed: -1 is less than 0"),
        ("densty", "0.5", "there is no field 'densty' to set; did you mean density?"),
        ("density", "1.5", "density: 1.5 is more than 1"),
        ("augmentation.noise_probability", "2", "2.0 is more than 1"),
        ("weight_drop", "1", "weight_drop: 1.0 is not less than 1"),
        ("ternary_slope", "0.5", "ternary_slope: 0.5 is less than 1"),
        ("hidden", "0", "hidden: 0 is less than 1"),
        ("weight_decay", "-1", "weight_decay: -1.0 is less than 0"),
        ("kind", "gru", "a gru has no low-rank form"),
        ("layers", "0", "layers: 0 is less than 1"),
        ("convolution.frames", "3", "convolution.frames: cell.convolution is None, which has no field 'frames'"),
    ],
)
def test_a_value_that_a_field_does_not_take_is_refused_in_one_line(name: str, text: str, message: str) -> None:
    with pytest.raises(WakewordError, match=message) as refusal:
        apply_settings(CONFIG, {name: text})
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"frames_per_step": "2"}, "frames_per_step: the convolution makes a step of 4 frames, not 2"),
        ({"convolution.frames": "1"}, "frames: a kernel of 1 would leave out frames at a frame_stride of 2"),
        ({"convolution.bands": "1"}, "bands: a kernel of 1 would leave out bands at a band_stride of 2"),
        ({"convolution.channels": "0"}, "convolution.channels: 0 is less than 1"),
    ],
)
def test_a_convolution_that_no_network_has_is_refused_in_one_line(settings: dict[str, str], message: str) -> None:
    with pytest.raises(WakewordError, match=message) as refusal:
        apply_settings(CONFIG, {"convolution": "default", **settings})
    assert "\n" not in str(refusal.value)


def test_a_training_of_no_epochs_is_refused() -> None:
    with pytest.raises(WakewordError, match="no epochs"):
        apply_settings(CONFIG, {"low_rank": "0", "sparse": "0", "quantized": "0"})


def test_each_of_several_numbers_has_to_be_in_the_range() -> None:
    with pytest.raises(WakewordError, match=r"teacher.widths: 0 is less than 1"):
        apply_settings(BEST, {"teacher.widths": "8:0"})
