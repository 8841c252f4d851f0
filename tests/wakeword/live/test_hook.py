"""`wakeword listen --exec`: a command runs for each event, without delaying detection or printing to stdout."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.signals import ROOT, demo
from tests.waits import PATIENCE
from tests.wakeword.models import random_model
from tests.wakeword.terminal import started, wakeword
from wakeword.audio.files import write_wav
from wakeword.inference.engine import open_engine
from wakeword.model.file import read_model, write_model

DEMO = ROOT / "wakeword/assets/demo.flac"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "random.safetensors"
    write_model(random_model(), path)
    return path


def test_a_command_runs_for_each_event_and_gets_it_in_its_environment(model: Path, tmp_path: Path) -> None:
    told = tmp_path / "told"
    command = f'echo "$WAKEWORD_WORD $WAKEWORD_MODEL $WAKEWORD_SCORE $WAKEWORD_TIME" >> {told}; echo for nobody'
    done = wakeword("listen", "--model", model, "--input", DEMO, "--json", "--exec", command)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    lines = sorted(told.read_text().splitlines())
    assert 0 < len(lines) == len(events) - done.stderr.count("still running")
    assert set(lines) <= {f"{it['word']} random {it['score']:.4f} {it['time']:.3f}" for it in events}
    assert "for nobody" in done.stderr


def test_a_failing_command_is_reported_and_listening_goes_on(model: Path) -> None:
    done = wakeword("listen", "--model", model, "--input", DEMO, "--exec", "exit 3")
    assert done.returncode == 0
    assert "wakeword: the command of --exec ended with status 3" in done.stderr
    assert done.stdout.splitlines()[-1].endswith("in 22.5 seconds")


def test_slow_commands_do_not_pile_up(model: Path, tmp_path: Path) -> None:
    samples = np.tile(demo(), 3)
    write_wav(tmp_path / "long.wav", samples)
    skipped = len(open_engine(read_model(model)).push(samples).events) - 8
    assert skipped > 0
    wait = f"until [ -e {tmp_path / 'end'} ]; do sleep 0.05; done"
    with started("listen", "--model", model, "--input", tmp_path / "long.wav", "--exec", wait) as process:
        assert process.stderr is not None
        lines = [process.stderr.readline().decode() for _ in range(skipped)]
        (tmp_path / "end").touch()
        _, rest = process.communicate(timeout=PATIENCE)
    assert all(line.startswith("wakeword: 8 commands of --exec are still running") for line in lines)
    assert (process.returncode, rest) == (0, b"")
