"""The grid of a sweep: its runs, their settings, and its refusals."""

from __future__ import annotations

import shlex

import pytest

from wakeword.data.keywords import keyword_set
from wakeword.errors import WakewordError
from wakeword.sweeps.grid import Grid, Interval, Trial, parse_dimensions, trials
from wakeword.training.presets import preset, variant

KEYWORDS = keyword_set("google12")
CORPUS = "of some clips"


def grid(*settings: str, cells: tuple[str | None, ...] = (None,), seeds: int = 1, samples: int | None = None) -> Grid:
    return Grid(("small",), cells, parse_dimensions(settings, samples), seeds, samples)


def of(wanted: Grid) -> list[Trial]:
    return trials(wanted, KEYWORDS, CORPUS)


def test_a_preset_alone_is_one_run_of_it() -> None:
    (trial,) = of(grid())
    assert (trial.config, trial.settings) == (preset("small"), {})


def test_all_values_are_combined_and_all_of_a_seed_come_first() -> None:
    configs = [trial.config for trial in of(grid("hidden=8,16", "density=0.4,1", seeds=2))]
    found = [(config.seed, config.cell.hidden, config.sparsity.density) for config in configs]
    assert found == [(seed, hidden, density) for seed in (0, 1) for hidden in (8, 16) for density in (0.4, 1)]


def test_a_network_takes_the_settings_that_it_has_a_use_for() -> None:
    own, gru = of(grid("hidden=8", "rank_w=4", cells=(None, "gru")))
    assert own.config.cell.rank_w == 4
    assert gru.config == variant(own.config, "gru")
    assert gru.settings == {"hidden": 8, "rank_w": None}


def test_combinations_that_come_to_the_same_training_are_one() -> None:
    assert [trial.settings for trial in of(grid("density=0.4,1", cells=("gru",)))] == [{"density": 1.0}]


def test_a_run_has_the_same_name_in_every_sweep_and_another_by_all_that_decides_it() -> None:
    (a,), (b, c) = of(grid("density=0.4")), of(grid("density=0.4", "hidden=64,65"))
    assert a.config == b.config and a.name == b.name
    (other_clips,) = trials(grid("density=0.4"), KEYWORDS, "of others")
    (other_words,) = trials(grid("density=0.4"), keyword_set("digits10"), CORPUS)
    assert len({a.name, c.name, other_clips.name, other_words.name}) == 4


def test_draws_are_the_same_each_time_and_more_of_them_begin_with_the_fewer() -> None:
    settings = ["hidden=8..64", "learning_rate=0.001..0.1", "density=0.4,1"]
    few, many = ([trial.name for trial in of(grid(*settings, samples=count))] for count in (5, 20))
    assert len(many) == 20 and many[:5] == few


def test_numbers_are_drawn_from_all_of_a_range_and_rates_by_their_magnitude() -> None:
    drawn = of(grid("hidden=8..10", "learning_rate=0.0001..1", samples=200))
    assert {trial.config.cell.hidden for trial in drawn} == {8, 9, 10}
    rates = [trial.config.optimization.learning_rate for trial in drawn]
    assert all(0.0001 <= rate <= 1 for rate in rates)
    assert 60 < sum(rate < 0.01 for rate in rates) < 140


def test_the_command_of_a_drawn_point_trains_it_again() -> None:
    drawn = of(grid("learning_rate=0.001..0.1", cells=("gru", "lstm"), samples=3))
    for trial in drawn:
        options = shlex.split(trial.point.options())
        assert options[:4] == ["--preset", "small", "--cell", trial.config.cell.kind]
        (again,) = of(grid(options[-1], cells=(options[3],)))
        assert again.config == trial.config


def test_values_and_ranges_are_told_apart() -> None:
    assert parse_dimensions(["hidden=8,16", "density=0.2..0.8", "rank_w=4..8"], 1) == {
        "hidden": ("8", "16"),
        "density": Interval(0.2, 0.8, whole=False),
        "rank_w": Interval(4, 8, whole=True),
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("seed=1", "--seeds counts"),
        ("cell.kind=gru", "--cell names networks"),
        ("include_validation=true", "a sweep chooses by the validation clips"),
        ("hidden=8..", "is no range"),
        ("hidden=16..8", "to a greater one"),
        ("density=0..0.5", "above zero"),
        ("hidden", "FIELD=VALUE"),
    ],
)
def test_a_field_that_a_sweep_cannot_set_is_refused(text: str, line: str) -> None:
    with pytest.raises(WakewordError, match=line):
        parse_dimensions([text], samples=3)


def test_values_that_no_training_takes_are_refused_before_any_is_trained() -> None:
    with pytest.raises(WakewordError, match="'many' is not a whole number"):
        of(grid("hidden=8,many"))


def test_a_large_network_in_floats_is_in_a_grid_and_one_for_integers_is_refused() -> None:
    large = ["hidden=256", "frames_per_step=9"]
    assert len(of(grid(*large, cells=("gru",)))) == 1
    with pytest.raises(WakewordError, match="hidden: 256 is more than the 128 of the integer engine"):
        of(grid(*large))
