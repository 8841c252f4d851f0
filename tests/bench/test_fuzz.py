"""Mutated model files: none crashes a reader, hangs it or takes much memory, and each refusal is a line."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from bench.fuzz import models
from bench.fuzz.fault import Fault
from bench.fuzz.model_files import model_files
from bench.fuzz.mutate import mutated
from tests.processes import run
from tests.signals import ROOT
from wakeword.errors import ModelError
from wakeword.model.file import Model

FUZZ = [sys.executable, "-m", "bench.fuzz", "models"]


def test_2_000_mutated_model_files_are_refused_in_one_line_or_run() -> None:
    done = run([*FUZZ, "--count", "2000", "--plain"], cwd=ROOT, memory=500 << 20)
    assert (done.returncode, done.stderr) == (0, "")
    counts = re.fullmatch(r"2,000 model files: (1,\d+) refused, (\d+) read and run; .*\n", done.stdout)
    assert counts is not None, done.stdout
    assert int(counts[2]) > 300


def test_the_sanitized_core_runs_the_same_models() -> None:
    done = run([*FUZZ, "--count", "60"], cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("60 model files: ")


def test_wrong_use_of_the_bench_is_one_line() -> None:
    done = run([sys.executable, "-m", "bench.fuzz", "cats"], cwd=ROOT)
    assert done.returncode == 2
    assert re.fullmatch(r"wakeword: argument target: invalid choice: 'cats' [^\n]*\n", done.stderr)


def test_a_seed_gives_the_same_mutations_and_files() -> None:
    def mutations(seed: int) -> list[bytes]:
        rng = np.random.default_rng(seed)
        return [mutated(bytes(range(200)), rng) for _ in range(100)]

    assert mutations(1) == mutations(1) != mutations(2)
    assert len(set(mutations(1))) == 100
    assert all(len(data) <= 200 + 4 * 64 for data in mutations(1))
    first, again = model_files(1), model_files(1)
    assert [next(first) for _ in range(20)] == [next(again) for _ in range(20)]


def test_bytes_of_any_length_are_mutated() -> None:
    rng = np.random.default_rng(0)
    for length in (0, 1, 2):
        for _ in range(200):
            mutated(bytes(length), rng)


@pytest.mark.parametrize("error", [MemoryError(), RecursionError("too deep"), KeyError("labels")])
def test_whatever_a_loader_raises_is_found(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def read(path: Path) -> Model:
        raise error

    monkeypatch.setattr(models, "read_model", read)
    with pytest.raises(Fault, match=f"^file 0 of seed 7: {type(error).__name__}: "):
        models.fuzz(10, 7)


@pytest.mark.parametrize("message", ["two\nlines", "\x1b[2J", "long " * 200])
def test_a_message_that_is_more_than_a_line_is_found(monkeypatch: pytest.MonkeyPatch, message: str) -> None:
    def read(path: Path) -> Model:
        raise ModelError(message)

    monkeypatch.setattr(models, "read_model", read)
    with pytest.raises(Fault, match="characters or several lines"):
        models.fuzz(1, 0)
