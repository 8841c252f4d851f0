"""Benches that run as modules: wrong use and bad input are one line, and the help says what is measured."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from bench.copies import link_recordings
from wakeword.audio.files import write_wav
from wakeword.errors import DataError, UsageError

MODULES = [
    "copies",
    "endurance",
    "float_model",
    "misses",
    "own_voice",
    "parity",
    "residual",
    "stream_accuracy",
    "studio",
]


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, *arguments: str) -> str:
    """Run a bench that fails; return the line that it prints."""
    monkeypatch.setattr(sys, "argv", [name, *arguments])
    with pytest.raises(SystemExit) as ended:
        import_module(f"bench.{name}").main()
    printed = capsys.readouterr()
    assert (ended.value.code, printed.out, printed.err.count("\n")) == (2, "", 1)
    return printed.err


@pytest.mark.parametrize("name", MODULES)
def test_without_arguments_a_bench_names_its_help(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    line = run(monkeypatch, capsys, name)
    assert "arguments are required" in line and line.endswith(f"see python -m bench.{name} --help\n")


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("copies", ["none", "--out", "once"]),
        ("endurance", ["--audio", "none"]),
        ("float_model", ["none", "--data", "none"]),
        ("misses", ["google12", "--positives", "none", "--stream", "none"]),
        ("own_voice", ["--data", "none", "--word", "stop", "--speaker", "me", "--out", "parts"]),
        ("parity", ["--data", "none"]),
        ("residual", ["none"]),
        ("stream_accuracy", ["--data", "none"]),
        ("studio", ["hey lumen", "none/hey_lumen.safetensors"]),
    ],
)
def test_a_missing_folder_is_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    name: str,
    arguments: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "none" in run(monkeypatch, capsys, name, *arguments)


@pytest.mark.parametrize("name", MODULES)
def test_the_help_begins_with_the_measurement(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    module = import_module(f"bench.{name}")
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert ended.value.code == 0
    assert str(module.__doc__).splitlines()[0] in capsys.readouterr().out


def test_each_recording_is_linked_once(tmp_path: Path) -> None:
    samples = np.random.default_rng(0).normal(0, 3000, 8000).astype(np.int16)
    for name, wave in (("a", samples), ("b", samples // 2), ("c", samples[::-1])):
        (tmp_path / "clips").mkdir(exist_ok=True)
        write_wav(tmp_path / "clips" / f"{name}.wav", wave)
    link_recordings(tmp_path / "clips", tmp_path / "once")
    assert sorted(link.name for link in (tmp_path / "once").iterdir()) == ["a.wav", "c.wav"]
    with pytest.raises(UsageError, match="once exists: give --out a new folder"):
        link_recordings(tmp_path / "clips", tmp_path / "once")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="empty holds no clips"):
        link_recordings(tmp_path / "empty", tmp_path / "twice")
