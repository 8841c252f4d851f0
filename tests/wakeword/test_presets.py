"""Presets, and the schedule of the three stages."""

import pytest

from wakeword.errors import WakewordError
from wakeword.presets import PRESETS, Stages, preset


def test_epochs_belong_to_the_stages_in_order():
    stages = Stages(2, 3, 1)
    assert [stages.of(epoch) for epoch in range(stages.total)] == ["low rank"] * 2 + ["sparse"] * 3 + ["quantised"]


def test_non_linearities_are_smooth_at_first_and_piecewise_linear_from_the_middle_of_the_second_stage():
    stages = Stages(10, 8, 4)
    shares = [stages.piecewise(epoch) for epoch in range(stages.total)]
    assert shares[:10] == [0] * 10
    assert shares[10:14] == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert shares[14:] == [1] * 8


def test_without_a_second_stage_the_third_is_piecewise_linear_at_once():
    assert Stages(3, 0, 2).piecewise(3) == 1


def test_a_preset_takes_its_seed():
    assert preset("small", 7).seed == 7
    assert preset("best") == PRESETS["best"]


def test_an_unknown_preset_is_refused():
    with pytest.raises(WakewordError, match="choose one of paper, small, best"):
        preset("huge")
