"""The configuration of a training: it needs no torch, docs/settings.md lists all of it, and stages follow in order."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest

from tests.processes import run
from tests.signals import ROOT
from wakeword.errors import UsageError
from wakeword.networks.config import CellConfig, ConvolutionConfig
from wakeword.ranges import ranges
from wakeword.training.config import Distillation, Stages, TeacherConfig, TrainConfig, check_integer_form
from wakeword.training.overrides import apply_settings, field_path

WITHOUT_TORCH = "import sys; sys.modules['torch'] = None; "


def python(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", WITHOUT_TORCH + program, *arguments]
    return run(command)


def test_configuration_presets_and_overrides_need_no_torch() -> None:
    program = (
        "import wakeword.quantization.config, wakeword.sweeps.grid, wakeword.networks.cost; "
        "from wakeword.training.overrides import apply_settings; "
        "from wakeword.training.presets import PRESETS; "
        "print(apply_settings(PRESETS['best'], {'hidden': '64'}).cell.hidden)"
    )
    done = python(program)
    assert (done.stdout, done.stderr) == ("64\n", "")


def test_a_field_that_is_not_there_is_refused_without_torch() -> None:
    done = python("from wakeword.cli import main; main()", "train", "--set", "nonsense=1")
    assert done.returncode == 2
    assert "there is no field 'nonsense' to set" in done.stderr and done.stderr.count("\n") == 1


def test_epochs_belong_to_the_stages_in_order() -> None:
    stages = Stages(2, 3, 1)
    assert [stages.of(epoch) for epoch in range(stages.total)] == ["low rank"] * 2 + ["sparse"] * 3 + ["quantized"]


def test_non_linearities_are_smooth_at_first_and_piecewise_linear_from_the_middle_of_the_second_stage() -> None:
    stages = Stages(10, 8, 4)
    shares = [stages.piecewise(epoch) for epoch in range(stages.total)]
    assert shares[:10] == [0] * 10
    assert shares[10:14] == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert shares[14:] == [1] * 8


def test_without_a_second_stage_the_third_is_piecewise_linear_at_once() -> None:
    assert Stages(3, 0, 2).piecewise(3) == 1


def test_masks_and_mixup_of_a_gradual_teacher_come_by_thirds_of_its_training() -> None:
    teacher = TeacherConfig(epochs=7, gradual=True)
    epochs = [teacher.in_epoch(epoch) for epoch in range(7)]
    assert [epoch.feature_augmentation.masks.count for epoch in epochs] == [0, 0, 0, 1, 1, 2, 2]
    assert [epoch.mixup for epoch in epochs] == [0, 0, 0, 0.3, 0.3, 0.3, 0.3]
    assert all(epoch.feature_augmentation.equalizer == 0.0 for epoch in epochs) and epochs[-1] == teacher


def test_another_teacher_has_all_of_both_from_its_first_epoch() -> None:
    teacher = TeacherConfig(epochs=7)
    assert all(teacher.in_epoch(epoch) == teacher for epoch in range(7))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hidden": "129"}, "hidden: 129 is more than the 128 of the integer engine; choose less, or set quantized=0"),
        ({"rank_u": "65"}, "rank_u: 65 is more than the 64"),
        ({"rank_u": "none"}, "rank_u: 100 is more than the 64"),
        ({"frames_per_step": "5"}, "frames_per_step: 5 is more than the 4"),
        ({"layers": "2"}, "only a FastGRNN of one layer"),
        ({"piecewise": "false"}, "only a FastGRNN of one layer"),
    ],
)
def test_a_network_that_the_integer_engine_has_no_room_for_is_refused_before_it_is_trained(
    settings: dict[str, str], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        check_integer_form(apply_settings(TrainConfig(), settings))
    check_integer_form(apply_settings(TrainConfig(), settings | {"quantized": "0"}))


def test_more_labels_than_the_integer_engine_has_room_for_are_refused() -> None:
    with pytest.raises(UsageError, match="the number of labels: 41 is more than the 40"):
        check_integer_form(TrainConfig(), 41)


ABSENT = ("| `distillation.teacher` |", "| `cell.convolution` |")  # parts that a training may be without
ALL = TrainConfig(cell=CellConfig(convolution=ConvolutionConfig()), distillation=Distillation(TeacherConfig()))
PAGE = (ROOT / "docs/settings.md").read_text()


def rows(part: Any, prefix: str = "") -> Iterator[str]:
    """The row of each field up to its meaning: its name, its default, its allowed values."""
    hints, allowed = get_type_hints(type(part)), ranges(type(part))
    for field in fields(part):
        name, hint, value = f"{prefix}{field.name}", hints[field.name], getattr(part, field.name)
        if is_dataclass(value):
            yield from rows(value, f"{name}.")
        else:
            yield f"| `{name}` | {as_text(value)} | {allowed.get(field.name) or choices(hint)} |"


def as_text(value: object) -> str:
    if isinstance(value, tuple):
        return ":".join(map(as_text, value))
    return f"{value:g}" if type(value) in (int, float) else f"{value}".lower()


def choices(hint: Any) -> str:
    if get_origin(hint) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(hint))
    return "true, false" if hint is bool else ""


def test_the_page_of_settings_lists_every_field_with_its_default_and_range() -> None:
    wanted = [row for row in rows(TrainConfig()) if not row.startswith(ABSENT)]
    assert [row for row in wanted if row not in PAGE] == []


def test_the_page_of_settings_lists_every_field_of_the_convolution() -> None:
    assert [row for row in rows(ConvolutionConfig(), "convolution.") if row not in PAGE] == []


def test_the_page_of_settings_lists_every_field_that_the_teacher_has_for_itself() -> None:
    shared = ("`teacher.augmentation.", "`teacher.feature_augmentation.")
    wanted = [row for row in rows(TeacherConfig(), "teacher.") if not row.startswith(tuple(f"| {s}" for s in shared))]
    assert [row for row in wanted if row not in PAGE] == []


def test_the_page_of_settings_lists_no_field_that_is_not_there() -> None:
    names = re.findall(r"^\| `([a-z_.]+)`", PAGE, re.MULTILINE)
    assert len(names) > 60
    assert all(field_path(ALL, name) for name in names)


def test_every_setting_that_a_page_names_is_there() -> None:
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    named = {name for page in pages for name in re.findall(r"--set ([a-z_.]+)=", page.read_text())}
    assert {"hidden", "density", "learning_rate"} <= named
    assert all(field_path(ALL, name) for name in named)
