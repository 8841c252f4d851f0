"""A training command given again: it repeats no finished run, drops no interrupted one, and keeps the model before."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
import soundfile
from rich.console import Console

from tests.wakeword.model.test_measured import report, word_of_report
from tests.wakeword.terminal import Done, Run
from tests.wakeword.tones import RATE, write_tones
from wakeword.cli import main
from wakeword.data.splits import FEW_CLIPS
from wakeword.model.file import read_model, write_model
from wakeword.model.measured import with_report
from wakeword.training.config import Stages
from wakeword.training.progress import TerminalProgress

SETTINGS = ("low_rank=1", "sparse=1", "quantized=1", "least=1", "clips_per_word=4", "batch_size=16")
QUICK = ("--preset", "small", *(word for setting in SETTINGS for word in ("--set", setting)))
COMMAND = ("train", "--keywords", "low,high", "--data", "tones", "--out", "my.safetensors", *QUICK)

Train = Callable[..., Done]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tones, and a run of the command on them that is over."""
    folder = tmp_path_factory.mktemp("finished")
    write_tones(folder / "tones", clips=2 * FEW_CLIPS)  # enough to be trained on without synthetic voices
    with pytest.MonkeyPatch.context() as patched, pytest.raises(SystemExit) as ended:
        patched.chdir(folder)
        patched.setattr(sys, "argv", ["wakeword", *COMMAND])
        main()
    assert not ended.value.code
    return folder


@pytest.fixture
def train(finished: Path, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> Train:
    """Give the command again, with more arguments, where it has finished."""
    shutil.copytree(finished, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("tones"))
    shutil.copytree(finished / "tones", tmp_path / "tones", copy_function=os.link)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: run(*COMMAND, *arguments)


@pytest.fixture
def anew(train: Train, tmp_path: Path) -> Train:
    """Give the command where it hasn't been given."""
    (tmp_path / "my.safetensors").unlink()
    shutil.rmtree(tmp_path / "my.training")
    return train


def last_line(done: Done) -> str:
    return done.err.splitlines()[-1]


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def break_off(monkeypatch: pytest.MonkeyPatch, train: Train) -> None:
    """Give the command, and Ctrl-C after its first epoch."""

    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(TerminalProgress, "epoch", interrupt)
        assert train().status == 130


def test_a_finished_run_is_not_repeated_but_fresh_trains_it_to_the_same_model(train: Train, tmp_path: Path) -> None:
    before = files(tmp_path)
    done = train()
    assert done.status == 2
    assert last_line(done) == (
        "wakeword: my.safetensors is the finished model of this run; give --fresh to train it again, or another --out"
    )
    assert files(tmp_path) == before
    assert train("--fresh").status == 0
    assert (tmp_path / "my.safetensors").read_bytes() == before["my.safetensors"]


@pytest.mark.parametrize(
    ("out", "line"),
    [
        ("new.training", "the name of the folder beside the model; give the model another: --out new.safetensors"),
        ("tones/low/file/new.safetensors", "file is no folder that can be written to; give another --out"),
    ],
)
def test_a_model_that_could_not_be_written_is_refused_before_anything_is_trained(
    train: Train, tmp_path: Path, out: str, line: str
) -> None:
    (tmp_path / "tones/low/file").touch()
    before = files(tmp_path)
    done = train("--out", out)
    assert done.status == 2
    assert done.err.count("\n") == 1 and line in done.err
    assert files(tmp_path) == before


def test_a_model_that_has_got_the_report_of_its_run_since_is_the_finished_one(train: Train, tmp_path: Path) -> None:
    """So a project's run that is killed before it is called done is not trained again."""
    model = tmp_path / "my.safetensors"
    write_model(with_report(read_model(model), report(word_of_report("low"), word_of_report("high"))), model)
    assert "is the finished model of this run" in last_line(train())
    write_model(read_model(model).with_thresholds({"low": 0.123}), model)
    assert "is the finished model of this run" not in last_line(train())


def test_another_run_replaces_the_model_and_keeps_the_one_before(train: Train, tmp_path: Path) -> None:
    before = (tmp_path / "my.safetensors").read_bytes()
    done = train("--seed", "1")
    assert done.status == 0
    kept = tmp_path / "my.training/earlier.safetensors"
    assert (
        "wakeword: my.safetensors is there already; it stays until this run is done, and is then kept as "
        f"{kept.relative_to(tmp_path)}"
    ) in done.err.splitlines()
    assert kept.read_bytes() == before != (tmp_path / "my.safetensors").read_bytes()


@pytest.mark.parametrize("change", ["a clip more", "a clip recorded anew", "the model removed", "the note damaged"])
def test_a_run_is_another_if_a_clip_is_or_what_it_made_is_gone(train: Train, tmp_path: Path, change: str) -> None:
    clip = tmp_path / "tones/high/00000004_nohash_0.wav"
    samples, _ = soundfile.read(clip)
    if change == "a clip more":
        soundfile.write(clip.with_name("aaaaaaaa_nohash_9.wav"), samples, RATE)
    elif change == "a clip recorded anew":
        clip.unlink()
        soundfile.write(clip, samples / 2, RATE)
    elif change == "the model removed":
        (tmp_path / "my.safetensors").unlink()
    else:
        (tmp_path / "my.training/finished.json").write_text('{"run"')
    assert train().status == 0


def test_an_interrupted_run_of_other_settings_is_not_dropped(
    anew: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_off(monkeypatch, anew)
    before = files(tmp_path)
    done = anew("--seed", "1")
    assert done.status == 2
    assert last_line(done) == (
        "wakeword: my.training holds an interrupted run of other settings or clips; give them again to go on with it, "
        "--fresh to drop it, or another --out"
    )
    assert files(tmp_path) == before
    done = anew()
    assert done.status == 0 and "resuming at epoch 2" in done.err
    assert anew("--seed", "1", "--fresh").status == 0


def test_an_interrupted_run_does_not_go_on_with_clips_that_were_recorded_anew(
    anew: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_off(monkeypatch, anew)
    clip = tmp_path / "tones/high/00000004_nohash_0.wav"
    samples, _ = soundfile.read(clip)
    clip.unlink()
    soundfile.write(clip, samples / 2, RATE)
    assert "holds an interrupted run of other settings or clips" in last_line(anew())


def test_the_weights_of_a_network_without_an_integer_form_are_not_trained_twice(anew: Train, tmp_path: Path) -> None:
    floats = ("--cell", "gru", "--hidden", "4", "--set", "quantized=0")
    assert anew(*floats).status == 0
    assert not (tmp_path / "my.safetensors").exists()
    assert "my.training/float.pt is the finished model of this run" in last_line(anew(*floats))
    assert json.loads((tmp_path / "my.training/finished.json").read_text()).keys() == {"run", "outcome"}


def test_a_run_that_was_broken_off_after_its_last_epoch_has_no_epoch_beyond_it() -> None:
    told, stages = StringIO(), Stages(300, 200, 100)
    progress = TerminalProgress(Console(file=told, force_terminal=True, color_system=None, width=200))
    progress.begin(stages.of, stages.total, 7, first_epoch=600)
    progress.end()
    assert "resuming after the last epoch: 7 training clips, 600 epochs" in told.getvalue()
    assert "601" not in told.getvalue()
