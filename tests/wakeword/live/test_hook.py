"""`wakeword listen --exec`: a command runs for each event, without delaying detection or printing to stdout."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.signals import ROOT, demo
from tests.wakeword.models import random_model
from tests.wakeword.terminal import wakeword
from wakeword.audio.files import write_wav
from wakeword.model.file import write_model

DEMO = ROOT / "wakeword/assets/demo.flac"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "random.safetensors"
    write_model(random_model(), path)
    return path


def test_a_command_runs_for_each_event_and_gets_it_in_its_environment(model: Path, tmp_path: Path) -> None:
    told = tmp_path / "told"
    command = f'echo "$WAKEWORD_WORD $WAKEWORD_SCORE $WAKEWORD_TIME" >> {told}; echo for nobody'
    done = wakeword("listen", "--model", model, "--input", DEMO, "--json", "--exec", command)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    lines = sorted(told.read_text().splitlines())
    assert 0 < len(lines) == len(events) - done.stderr.count("still running")
    assert set(lines) <= {f"{it['word']} {it['score']:.4f} {it['time']:.3f}" for it in events}
    assert "for nobody" in done.stderr


def test_a_failing_command_is_reported_and_listening_goes_on(model: Path) -> None:
    done = wakeword("listen", "--model", model, "--input", DEMO, "--exec", "exit 3")
    assert done.returncode == 0
    assert "wakeword: the command of --exec ended with status 3" in done.stderr
    assert done.stdout.splitlines()[-1].endswith("in 22.5 seconds")


def test_slow_commands_do_not_pile_up(model: Path, tmp_path: Path) -> None:
    write_wav(tmp_path / "long.wav", np.tile(demo(), 3))
    done = wakeword("listen", "--model", model, "--input", tmp_path / "long.wav", "--json", "--exec", "sleep 5")
    left_out = done.stderr.count("8 commands of --exec are still running")
    assert left_out == len(done.stdout.splitlines()) - 8 > 0
