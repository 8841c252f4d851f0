"""The model file: saving and loading, one clear line for a damaged or foreign file, and no half-written file."""

from __future__ import annotations

import json
import math
import os
import resource
import signal
import struct
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from featurizer import FEATURIZER_ID
from tests.processes import started
from tests.signals import ROOT
from tests.wakeword.models import random_model
from tests.wakeword.scripts import WORDS, apart, many_scripts, write_apart
from wakeword.errors import ModelError, UsageError, WakewordError
from wakeword.inference.c_core import lib
from wakeword.model.file import (
    MAX_FILE,
    MAX_HIDDEN,
    MAX_LABELS,
    MAX_RANK,
    DetectorSettings,
    Model,
    read_model,
    write_model,
)
from wakeword.model.labels import MAX_LABEL


def _assert_same(loaded: Model, wanted: Model) -> None:
    for name in (field.name for field in fields(Model)):
        value, other = getattr(loaded, name), getattr(wanted, name)
        if isinstance(other, np.ndarray):
            assert value.dtype == other.dtype
            np.testing.assert_array_equal(value, other)
        else:
            assert value == other, name


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A saved model."""
    path = tmp_path / "model.safetensors"
    write_model(random_model(0), path)
    return path


def _error(path: Path) -> str:
    """Return the one line of the error when the file is loaded."""
    with pytest.raises(WakewordError) as raised:
        read_model(path)
    line = str(raised.value)
    assert "\n" not in line
    assert str(path) in line
    return line


def _rewrite(path: Path, change: Callable[[dict[str, np.ndarray], dict[str, str], dict[str, Any]], None]) -> None:
    """Change a saved model's tensors, header or metadata, and keep it a valid safetensors file."""
    with safe_open(str(path), framework="numpy") as file:
        header = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    description = json.loads(header.pop("model"))
    change(tensors, header, description)
    save_file(tensors, str(path), {"model": json.dumps(description), **header})


# Saving and loading


@pytest.mark.parametrize(
    "loaded",
    [
        random_model(0),
        random_model(1, hidden=MAX_HIDDEN, rank_w=MAX_RANK, rank_u=MAX_RANK, words=MAX_LABELS - 2, gate="tanh"),
        random_model(2, hidden=1, rank_w=1, rank_u=1, words=1),
        replace(random_model(3), labels=("_silence_", "_unknown_", "größer", "да", "c d", '"e"')),
        replace(random_model(4), detector=DetectorSettings((0, 1, 2, 3, 4, 32767), 15, 65535), provenance={}),
    ],
    ids=["usual", "largest", "smallest", "labels in UTF-8", "other detector"],
)
def test_a_loaded_model_equals_the_saved_one(loaded: Model, tmp_path: Path) -> None:
    write_model(loaded, tmp_path / "model.safetensors")
    _assert_same(read_model(tmp_path / "model.safetensors"), loaded)


def test_equal_models_are_equal_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_model(random_model(0), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_limits_of_a_model_are_those_of_the_core() -> None:
    assert (lib.WW_MAX_HIDDEN, lib.WW_MAX_RANK, lib.WW_MAX_LABELS) == (MAX_HIDDEN, MAX_RANK, MAX_LABELS)


# Files that are no model


def test_a_missing_file(tmp_path: Path) -> None:
    assert "no model file" in _error(tmp_path / "missing.safetensors")


@pytest.mark.parametrize("share", [0.0, 0.0005, 0.01, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file(share: float, model: Path) -> None:
    data = model.read_bytes()
    model.write_bytes(data[: int(len(data) * share)])
    assert "truncated or no model" in _error(model)


@pytest.mark.parametrize(
    "content", [b"a text file\n" * 100, os.urandom(4096), struct.pack("<Q", 2**62) + b"{}", b"\0" * 64]
)
def test_a_file_of_another_kind(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    assert "truncated or no model" in _error(path)


def test_a_folder(tmp_path: Path) -> None:
    assert "is a folder; give the path of a model file" in _error(tmp_path)


def test_a_safetensors_file_that_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"weight": np.zeros(3, np.float32)}, str(path))
    assert "no wakeword model" in _error(path)


def test_a_model_of_another_version_is_refused_with_the_way_out(model: Path) -> None:
    _rewrite(model, lambda tensors, header, description: header.update(wakeword_bundle="7"))
    assert "version 7" in _error(model)
    assert "train the model again" in _error(model)


def test_a_model_of_another_featurizer_is_refused_with_the_way_out(model: Path) -> None:
    _rewrite(model, lambda tensors, header, description: header.update(featurizer="12345678"))
    assert "featurizer 12345678" in _error(model)
    assert f"{FEATURIZER_ID:08x}" in _error(model)
    assert "train the model again" in _error(model)


# Models that are damaged


BAD_PROVENANCES: list[Any] = [[], "made by hand", None, {"loss": math.nan}, {"a": [{"b": math.inf}]}]
BAD_LABELS = [
    "",
    "  ",
    "a\nb",
    "a\tb",
    "\x1b[2J",
    "a\0b",
    "\ud800",
    "\u202egnp",
    "\u2028",
    "x" * (MAX_LABEL + 1),
    "да" * 51,
]
TENSORS = ("mean", "scale", "w1", "w2", "u1", "u2", "bias_gate", "bias_update", "head", "head_bias")


@pytest.mark.parametrize("name", TENSORS)
def test_a_missing_tensor(name: str, model: Path) -> None:
    _rewrite(model, lambda tensors, header, description: tensors.__delitem__(name))
    assert name in _error(model)


@pytest.mark.parametrize("name", TENSORS)
def test_a_tensor_of_another_type(name: str, model: Path) -> None:
    _rewrite(model, lambda tensors, header, description: tensors.update({name: tensors[name].astype(np.float32)}))
    assert f"tensor {name} is float32" in _error(model)


@pytest.mark.parametrize("kind", ["BF16", "U16"])
def test_a_tensor_of_a_type_that_numpy_lacks(kind: str, model: Path) -> None:
    model.write_bytes(model.read_bytes().replace(b'"dtype": "I16"', b'"dtype": "%s"' % kind.encode(), 1))
    _error(model)


@pytest.mark.parametrize("name", TENSORS)
@pytest.mark.parametrize("shape", [lambda t: t[..., :-1], lambda t: t[None]], ids=["shorter", "of another rank"])
def test_a_tensor_of_another_shape(name: str, shape: Callable[[np.ndarray], np.ndarray], model: Path) -> None:
    _rewrite(model, lambda tensors, header, description: tensors.update({name: shape(tensors[name]).copy()}))
    assert "wrong shape" in _error(model)


def test_an_additional_tensor(model: Path) -> None:
    _rewrite(model, lambda tensors, header, description: tensors.update(extra=np.zeros(3, np.int8)))
    assert "extra" in _error(model)


@pytest.mark.parametrize("sizes", [{"hidden": MAX_HIDDEN + 1}, {"rank_u": MAX_RANK + 1}, {"words": MAX_LABELS - 1}])
def test_a_model_that_the_core_has_no_room_for(sizes: dict[str, int], tmp_path: Path) -> None:
    write_model(random_model(0, **sizes), tmp_path / "large.safetensors")  # type: ignore[arg-type]
    assert "outside 1 to" in _error(tmp_path / "large.safetensors")


@pytest.mark.parametrize("name", ["labels", "first_word", "zeta", "nu", "shifts", "gate", "detector"])
def test_metadata_without_a_field(name: str, model: Path) -> None:
    _rewrite(model, lambda tensors, header, description: description.pop(name))
    assert name in _error(model)


@pytest.mark.parametrize(
    "change",
    [
        {"gate": "relu"},
        {"zeta": 32768},
        {"nu": -1},
        {"zeta": 0.5},
        {"zeta": "high"},
        {"first_word": 6},
        {"first_word": None},
        {"labels": "yes no"},
        {"labels": ["_silence_", "_unknown_", "a", "b", "c", 3]},
        {"labels": ["_silence_", "_unknown_", "a", "b", "c", "c"]},
        {"shifts": {"w1": 7}},
        {"shifts": {"w1": 7, "w2": 8, "u1": 7, "u2": 8, "head": 32}},
        {"shifts": {"w1": 7, "w2": 8, "u1": 7, "u2": 8, "head": 7.5}},
        {"shifts": [7, 8, 7, 8, 7]},
        {"detector": {"thresholds": [0, 0, 9000], "smoothing": 2, "refractory": 20}},
        {"detector": {"thresholds": [0, 0, 0, 0, 0, 32768], "smoothing": 2, "refractory": 20}},
        {"detector": {"thresholds": [0, 0, 0, 0, 0, 0.5], "smoothing": 2, "refractory": 20}},
        {"detector": {"thresholds": [0] * 6, "smoothing": 16, "refractory": 20}},
        {"detector": {"thresholds": [0] * 6, "smoothing": 2, "refractory": 1 << 16}},
        {"detector": {"thresholds": 9000}},
        {"detector": 3},
        {"unheard_of": 1},
        {"zeta": True},
        {"stack": True},
        {"nu": 10**400},
        {"detector": {"thresholds": [True] * 6, "smoothing": 2, "refractory": 20}},
        *({"labels": ["_silence_", "_unknown_", "a", "b", "c", bad]} for bad in BAD_LABELS),
        *({"provenance": bad} for bad in BAD_PROVENANCES),
    ],
    ids=lambda change: json.dumps(change)[:100],
)
def test_metadata_out_of_range(change: dict[str, Any], model: Path) -> None:
    _rewrite(model, lambda tensors, header, description: description.update(change))
    assert "is damaged" in _error(model)


@pytest.mark.parametrize("text", ["{", "[]", "3", "null"])
def test_metadata_that_is_no_object(text: str, model: Path) -> None:
    _rewrite(model, lambda tensors, header, description: header.update(model=text))
    assert "is damaged" in _error(model)


@pytest.mark.parametrize("opened", ['{"a":', "["])
@pytest.mark.parametrize("depth", [20, 500, 100_000])
def test_metadata_that_is_nested_too_deep(opened: str, depth: int, model: Path) -> None:
    closed = "}" if ":" in opened else "]"
    deep = f'{{"provenance": {{"a": {opened * depth}0{closed * depth}}}, '

    def nest(tensors: object, header: dict[str, str], description: dict[str, Any]) -> None:
        del description["provenance"]
        header["model"] = deep + json.dumps(description)[1:]

    _rewrite(model, nest)
    assert "is damaged" in _error(model)


def test_metadata_that_prints_more_than_a_line(model: Path) -> None:
    _rewrite(model, lambda tensors, header, description: header.update(wakeword_bundle="7\n\x1b[2J" + "8" * 1_000))
    assert _error(model).isprintable()
    assert len(_error(model)) < 500


@pytest.mark.parametrize("label", ["да", "größer", "نمی\u200cخواهم", "hey lumen", "x" * MAX_LABEL])
def test_labels_of_any_script_are_read(label: str, tmp_path: Path) -> None:
    labelled = replace(random_model(), labels=("_silence_", "_unknown_", "a", "b", "c", label))
    write_model(labelled, tmp_path / "model.safetensors")
    assert read_model(tmp_path / "model.safetensors").labels[-1] == label


def test_labels_are_read_with_composed_accents(tmp_path: Path) -> None:
    assert read_model(write_apart(tmp_path / "apart.safetensors")).keywords == WORDS


def test_two_labels_that_differ_in_composed_accents_alone_are_refused(tmp_path: Path) -> None:
    twice = replace(random_model(words=2), labels=("_silence_", "_unknown_", "caf\u00e9", "cafe\u0301"))
    write_model(twice, tmp_path / "twice.safetensors")
    with pytest.raises(ModelError, match="labels is out of range"):
        read_model(tmp_path / "twice.safetensors")


def test_a_word_whose_threshold_is_set_may_be_spelled_another_way() -> None:
    model = many_scripts()
    changed = model.with_thresholds(
        {apart(WORDS[0]).upper(): 0.5, apart("ガギグ"): 0.25, "привет_ёлка": 0.75}
    ).thresholds
    assert (changed[WORDS[0]], changed["ガギグ"], changed["привет ёлка"]) == (0.5, 0.25, 0.75)


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    with path.open("wb") as file:
        file.write(struct.pack("<Q", 2**33))
        file.truncate(2**34)  # it takes no room on the disk
    tracemalloc.start()
    try:
        assert "more than 1 MB" in _error(path)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 4 * MAX_FILE


@pytest.mark.parametrize("shape", [[1] * 70, [0, 2**62], [2**32, 2**32], [-1], "x"], ids=str)
def test_a_tensor_of_an_impossible_shape(shape: Any, model: Path) -> None:
    data = model.read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    header["mean"]["shape"] = shape
    text = json.dumps(header).encode()
    model.write_bytes(len(text).to_bytes(8, "little") + text + data[8 + length :])
    assert "truncated or no model" in _error(model)


# Saving


def test_saving_replaces_a_model(model: Path) -> None:
    write_model(random_model(1), model)
    _assert_same(read_model(model), random_model(1))
    assert os.listdir(model.parent) == [model.name]


def test_saving_makes_the_folder(tmp_path: Path) -> None:
    write_model(random_model(0), tmp_path / "runs" / "7" / "model.safetensors")
    read_model(tmp_path / "runs" / "7" / "model.safetensors")


def test_a_disk_that_is_full_leaves_the_old_model(model: Path) -> None:
    before = model.read_bytes()
    limit, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that the write fails, as on a full disk
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, most))
        with pytest.raises(WakewordError, match=r"can't be written: File too large; an earlier file is unchanged"):
            write_model(random_model(1), model)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, most))
        signal.signal(signal.SIGXFSZ, ignored)
    assert model.read_bytes() == before
    assert os.listdir(model.parent) == [model.name]


def test_a_path_that_can_t_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(WakewordError, match="can't be written"):
        write_model(random_model(0), tmp_path / "file" / "model.safetensors")


SIZE = 5_000_000  # bytes: so large that a kill falls into the midst of a write

WRITE_FOR_EVER = f"""
import sys
from pathlib import Path
from wakeword.files import write_whole
while True:
    for letter in b"ab":
        write_whole(Path(sys.argv[1]), bytes([letter]) * {SIZE})
"""


def test_a_name_may_be_as_long_as_the_file_system_allows(tmp_path: Path) -> None:
    longest = tmp_path / ("न" * 85)  # 255 bytes
    write_model(random_model(), longest)
    assert [path.name for path in tmp_path.iterdir()] == [longest.name]


def test_kill_9_while_writing_leaves_a_whole_file(tmp_path: Path) -> None:
    target = tmp_path / "target"
    for delay in (0.0, 0.003, 0.007, 0.012):
        target.unlink(missing_ok=True)
        with started([sys.executable, "-c", WRITE_FOR_EVER, target], cwd=ROOT) as writing:
            while not target.exists() and writing.poll() is None:
                time.sleep(0.001)
            time.sleep(delay)
            writing.kill()
        assert target.read_bytes() in (b"a" * SIZE, b"b" * SIZE)


# Thresholds


def test_a_threshold_that_is_set_is_the_only_thing_that_changes() -> None:
    model = random_model()
    changed = model.with_thresholds({"word1": 0.75})
    assert changed.thresholds == {**model.thresholds, "word1": 0.75}
    restored = replace(changed, detector=model.detector)
    assert all(getattr(restored, field.name) is getattr(model, field.name) for field in fields(Model))


def test_the_threshold_of_a_word_that_the_model_lacks_is_refused_with_those_it_has() -> None:
    with pytest.raises(ModelError, match=r"no word 'wow'; its words are word0, word1"):
        random_model(words=2).with_thresholds({"wow": 0.5})


@pytest.mark.parametrize("threshold", [0.0, 1.0, -1, 80, math.nan])
def test_a_threshold_lies_between_0_and_1(threshold: float) -> None:
    with pytest.raises(UsageError, match="is not between 0 and 1"):
        random_model(words=2).with_thresholds({"word0": threshold})


def test_the_lowest_threshold_is_still_above_0() -> None:
    assert random_model(words=2).with_thresholds({"word0": 1e-9}).thresholds["word0"] == 2**-15
