"""Model files with convolutions: what is saved is loaded, and what the engines can't run is refused in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from tests.wakeword.models import convolved_model, extreme_convolved_model, random_convolution, random_model
from wakeword.errors import ModelError
from wakeword.inference.c_core import lib
from wakeword.model.convolution import (
    DEPTHWISE,
    MAX_BAND_STRIDE,
    MAX_CHANNELS,
    MAX_FRAMES,
    MAX_INPUTS,
    MAX_OUTPUTS,
    MAX_SUMS,
    SCALARS,
    TENSORS,
    Convolution,
)
from wakeword.model.file import Model, read_model, write_model

Change = Callable[[dict[str, np.ndarray], dict[str, Any]], None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A saved model with convolutions."""
    write_model(convolved_model(random_model(0), random_convolution()), tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


def header(path: Path) -> dict[str, str]:
    with safe_open(str(path), framework="numpy") as file:
        return dict(file.metadata())


def rewrite(path: Path, change: Change) -> None:
    """Change the tensors and the metadata of the convolution, and keep the file a valid one."""
    with safe_open(str(path), framework="numpy") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    metadata = header(path)
    description = json.loads(metadata["model"])
    change(tensors, description)
    save_file(tensors, str(path), {**metadata, "model": json.dumps(description)})


def error(path: Path) -> str:
    with pytest.raises(ModelError) as raised:
        read_model(path)
    line = str(raised.value)
    assert "\n" not in line and str(path) in line
    return line


@pytest.mark.parametrize(
    "model", [convolved_model(random_model(1), random_convolution(bands=4)), extreme_convolved_model()]
)
def test_a_loaded_model_has_the_convolutions_of_the_saved_one(model: Model, tmp_path: Path) -> None:
    write_model(model, tmp_path / "model.safetensors")
    loaded = read_model(tmp_path / "model.safetensors")
    assert loaded.convolution is not None
    for field in fields(Convolution):
        np.testing.assert_equal(getattr(loaded.convolution, field.name), getattr(model.convolution, field.name))
    assert np.array_equal(loaded.w2, model.w2)


def test_only_a_file_with_convolutions_is_of_the_version_that_has_them(path: Path) -> None:
    assert header(path)["wakeword_bundle"] == "4"
    write_model(random_model(0), path)
    assert header(path)["wakeword_bundle"] == "3"
    assert read_model(path).convolution is None


def test_the_limits_are_those_of_the_core() -> None:
    own = (DEPTHWISE, MAX_CHANNELS, MAX_OUTPUTS, MAX_FRAMES, MAX_SUMS, MAX_INPUTS)
    names = ("DEPTHWISE", "MAX_CHANNELS", "MAX_OUTPUTS", "MAX_FRAMES", "MAX_SUMS", "MAX_INPUTS")
    assert own == tuple(getattr(lib, f"WW_{name}") for name in names)


def test_no_geometry_needs_more_padding_than_the_core_has_room_for() -> None:
    paddings = {
        random_convolution(channels=1, bands=bands, band_stride=stride, outputs=1).padding(32)
        for stride in range(1, MAX_BAND_STRIDE + 1)
        for bands in range(stride, 33)
    }
    assert max(paddings) == lib.WW_MAX_PADDING


@pytest.mark.parametrize("name", TENSORS)
def test_a_missing_tensor(name: str, path: Path) -> None:
    rewrite(path, lambda tensors, description: tensors.__delitem__(name))
    assert name in error(path)


@pytest.mark.parametrize("name", TENSORS)
def test_a_tensor_of_another_type(name: str, path: Path) -> None:
    rewrite(path, lambda tensors, description: tensors.update({name: tensors[name].astype(np.int32)}))
    assert f"tensor {name} is int32" in error(path)


@pytest.mark.parametrize("name", TENSORS)
@pytest.mark.parametrize("shape", [lambda t: t[..., :-1], lambda t: t[None]], ids=["shorter", "of another rank"])
def test_a_tensor_of_another_shape(name: str, shape: Callable[[np.ndarray], np.ndarray], path: Path) -> None:
    rewrite(path, lambda tensors, description: tensors.update({name: shape(tensors[name]).copy()}))
    assert "wrong shape" in error(path)


@pytest.mark.parametrize("name", SCALARS)
def test_metadata_without_a_field(name: str, path: Path) -> None:
    rewrite(path, lambda tensors, description: description["convolution"].pop(name))
    assert "metadata of its convolution has another form" in error(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bands", 0),
        ("bands", 33),
        ("bands", True),
        ("bands", "5"),
        ("frames", 5),
        ("frames", 1),
        ("band_stride", 3),
        ("frame_stride", 0),
        ("frame_stride", 10**400),
        ("shifts", {"first": 1}),
        ("shifts", {"first": 32, "depthwise": 1, "pointwise": 1}),
        ("shifts", [1, 2, 3]),
    ],
)
def test_metadata_out_of_range(name: str, value: Any, path: Path) -> None:
    rewrite(path, lambda tensors, description: description["convolution"].update({name: value}))
    error(path)


def test_a_step_of_another_number_of_frames(path: Path) -> None:
    rewrite(path, lambda tensors, description: description.update(stack=2))
    assert "frames_per_step is not that of the convolution" in error(path)


@pytest.mark.parametrize("sizes", [{"channels": 17, "bands": 8}, {"channels": 14}, {"outputs": 19}, {"outputs": 33}])
def test_convolutions_that_the_core_has_no_room_for(sizes: dict[str, int], tmp_path: Path) -> None:
    model = convolved_model(random_model(0), random_convolution(**sizes))
    write_model(model, tmp_path / "large.safetensors")
    assert "too large" in error(tmp_path / "large.safetensors")


def test_convolutions_of_a_model_that_says_it_has_none(path: Path) -> None:
    rewrite(path, lambda tensors, description: description.update(convolution=None))
    error(path)


def test_a_model_with_other_thresholds_keeps_its_convolutions() -> None:
    model = convolved_model(random_model(0), random_convolution())
    assert replace(model, evidence=3).with_thresholds({"word0": 0.5}).convolution is model.convolution
