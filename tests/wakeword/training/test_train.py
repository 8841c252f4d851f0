"""Training end to end on a small folder of tones: its files, its resumption after a kill, and its refusals."""

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import torch
from rich.console import Console

from tests.processes import run
from tests.signals import ROOT
from tests.wakeword.limits import files_up_to
from tests.wakeword.tones import RATE, write_tones
from wakeword.data.augment import Augmentation
from wakeword.data.keywords import KeywordSet, keyword_set
from wakeword.errors import WakewordError
from wakeword.evaluation.accuracy import evaluate
from wakeword.evaluation.thresholds import HIGHEST, LOWEST
from wakeword.model.export_c import export_c
from wakeword.model.file import Model, read_model
from wakeword.networks.config import CellConfig
from wakeword.networks.keyword_net import KeywordNet
from wakeword.training.config import (
    CarriedState,
    Distillation,
    Draw,
    Optimization,
    Selection,
    Sparsity,
    Stages,
    TeacherConfig,
    TrainConfig,
)
from wakeword.training.corpus import load_corpus
from wakeword.training.presets import variant
from wakeword.training.progress import EpochResult, TerminalProgress
from wakeword.training.train import train
from wakeword.training.validation import ClipErrors, clip_accuracy

KEYWORDS = keyword_set("low,high")
CONFIG = TrainConfig(
    cell=CellConfig(hidden=16, rank_w=6, rank_u=6),
    stages=Stages(24, 6, 8),
    sparsity=Sparsity(density=0.5),
    optimization=Optimization(batch_size=16),
    draw=Draw(unknown=0.5, silence=0.3),
    augmentation=Augmentation(speed_probability=0, snr_db=(20, 40), gain_db=(-6, 3)),
)
# A program of a test imports this module.
PROGRAM_ENVIRONMENT = {"PYTHONPATH": str(ROOT)}
FEW = Draw(clips_per_word=8)
TENSORS = ("mean", "scale", "w1", "w2", "u1", "u2", "bias_gate", "bias_update", "head", "head_bias")


def learn(
    config: TrainConfig,
    data: Path,
    out: Path,
    keywords: KeywordSet = KEYWORDS,
    extra: Path | None = None,
    **how: Any,
) -> Any:
    return train(config, load_corpus(config, keywords, data, extra), out, **how)


def break_off(config: TrainConfig, data: Path, out: Path, after: int = 1) -> None:
    """Train until Ctrl-C comes, after so many epochs."""
    with pytest.raises(KeyboardInterrupt):
        learn(config, data, out, progress=Interrupting(Console(file=StringIO()), after))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tones(tmp_path_factory.mktemp("tones"))


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tones for runs of which nobody asks what they have learned."""
    return write_tones(tmp_path_factory.mktemp("few"), clips=10)


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("trained") / "tones.safetensors"
    learn(CONFIG, data, out, progress=quiet())
    return out


def quiet() -> TerminalProgress:
    return TerminalProgress(Console(file=StringIO()))


class Killer(TerminalProgress):
    """Kills its process in the second stage, whose masks a checkpoint has to hold."""

    def epoch(self, result: EpochResult) -> None:
        super().epoch(result)
        if result.epoch == 26:
            os.kill(os.getpid(), signal.SIGKILL)


def same(a: Model, b: Model) -> bool:
    equal = all(np.array_equal(getattr(a, name), getattr(b, name)) for name in TENSORS)
    return equal and (a.zeta, a.nu, a.shifts, a.detector) == (b.zeta, b.nu, b.shifts, b.detector)


def test_the_model_has_learned_the_tones(trained: Path, data: Path) -> None:
    assert evaluate(read_model(trained), data, split="test").accuracy >= 0.9


def test_each_factor_keeps_the_wanted_density(trained: Path) -> None:
    model = read_model(trained)
    for name in ("w1", "w2", "u1", "u2"):
        matrix = getattr(model, name)
        # Quantisation may make one more entry zero, never one fewer.
        assert 0.3 * matrix.size < np.count_nonzero(matrix) <= 0.5 * matrix.size


def test_the_header_for_a_chip_stands_beside_the_model(trained: Path) -> None:
    assert (trained.with_suffix(".training") / "wakeword_model.h").read_text() == export_c(read_model(trained))


def test_a_report_stands_beside_the_model_and_loads_nothing(trained: Path) -> None:
    page = (trained.with_suffix(".training") / "report.html").read_text()
    assert "Size in flash" in page and "validation" in page
    assert 'src="http' not in page and 'href="http' not in page
    assert page.count("data:image/svg+xml") == 2


def test_provenance_tells_where_the_model_comes_from(trained: Path) -> None:
    provenance = read_model(trained).provenance
    assert provenance["keywords"] == "low,high"
    assert provenance["config"]["stages"] == {"low_rank": 24, "sparse": 6, "quantized": 8}
    assert 0 < provenance["validation_accuracy"] <= 1


def test_thresholds_are_calibrated_for_words_only(trained: Path) -> None:
    thresholds = read_model(trained).detector.thresholds
    assert thresholds[:2] == (0, 0)
    assert all(LOWEST <= threshold <= HIGHEST for threshold in thresholds[2:])


def test_the_same_seed_gives_the_same_model_and_another_gives_another(few: Path, tmp_path: Path) -> None:
    config = replace(CONFIG, stages=Stages(1, 1, 1))
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        learn(
            replace(config, seed=seed),
            few,
            tmp_path / name,
            progress=quiet(),
        )
    a, b, c = (read_model(tmp_path / name) for name in "abc")
    assert same(a, b)
    assert not same(a, c)


def test_a_killed_run_goes_on_to_the_model_of_an_unbroken_one(trained: Path, data: Path, tmp_path: Path) -> None:
    out = tmp_path / "killed.safetensors"
    checkpoint = tmp_path / "killed.training" / "checkpoint.pt"
    program = (
        "import sys; from pathlib import Path; from tests.wakeword.training.test_train import *; "
        "learn(CONFIG, Path(sys.argv[1]), Path(sys.argv[2]), progress=Killer())"
    )
    done = run([sys.executable, "-c", program, data, out], environment=PROGRAM_ENVIRONMENT)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert checkpoint.exists() and not out.exists()

    told = StringIO()
    learn(CONFIG, data, out, progress=TerminalProgress(Console(file=told)))
    assert "resuming at epoch" in told.getvalue()
    assert same(read_model(out), read_model(trained))
    assert not checkpoint.exists()


def test_a_checkpoint_of_another_run_is_not_taken_up(few: Path, tmp_path: Path) -> None:
    config, out = replace(CONFIG, stages=Stages(1, 1, 1)), tmp_path / "model"
    break_off(config, few, out)
    told = StringIO()
    learn(
        replace(config, seed=7),
        few,
        out,
        progress=TerminalProgress(Console(file=told)),
    )
    assert told.getvalue().startswith("starting")


def test_a_teacher_is_trained_once_and_taken_up_after_a_kill(few: Path, tmp_path: Path) -> None:
    """The small network is broken off after the teacher is done; the second run trains no teacher again."""
    taught = Distillation(TeacherConfig(widths=(8, 8), epochs=2, draw=FEW), teacher_weight=0.5)
    carried = CarriedState(jitter_steps=20)
    config = replace(CONFIG, stages=Stages(1, 1, 1), distillation=taught, carried_state=carried)
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    break_off(config, few, broken, after=3)
    told = StringIO()
    learn(config, few, broken, progress=TerminalProgress(Console(file=told)))
    assert "(teacher)" not in told.getvalue() and "resuming at epoch 2" in told.getvalue()
    learn(config, few, whole, progress=TerminalProgress(Console(file=told)))
    assert "epoch 2 (teacher)" in told.getvalue()
    assert same(read_model(broken), read_model(whole))
    learn(
        replace(config, distillation=Distillation()),
        few,
        tmp_path / "alone",
        progress=quiet(),
    )
    assert not same(read_model(whole), read_model(tmp_path / "alone"))


def test_runs_side_by_side_share_a_teacher_that_one_of_them_trains(few: Path, tmp_path: Path) -> None:
    taught = Distillation(TeacherConfig(widths=(8, 8), epochs=2, draw=FEW), teacher_weight=0.5)
    config = replace(CONFIG, stages=Stages(1, 1, 1), distillation=taught)
    told = [StringIO(), StringIO()]

    def run(number: int) -> None:
        progress = TerminalProgress(Console(file=told[number]))
        seeded, out = replace(config, seed=number), tmp_path / f"{number}"
        learn(seeded, few, out, teacher_file=tmp_path / "shared" / "teacher.pt", progress=progress)

    with ThreadPoolExecutor(2) as side_by_side:
        list(side_by_side.map(run, (0, 1)))
    assert sorted("(teacher)" in said.getvalue() for said in told) == [False, True]
    assert all("epoch 3 (quantized)" in said.getvalue() for said in told)


def test_a_shared_teacher_is_not_overwritten_by_a_training_that_it_does_not_fit(few: Path, tmp_path: Path) -> None:
    small, wide = (
        Distillation(TeacherConfig(widths=(8, width), epochs=1, draw=FEW), teacher_weight=0.5) for width in (8, 12)
    )
    config = replace(CONFIG, stages=Stages(1, 1, 1), distillation=small)
    shared = tmp_path / "teacher.pt"
    learn(config, few, tmp_path / "one", teacher_file=shared, progress=quiet())
    before = shared.read_bytes()
    other = replace(config, distillation=wide)
    with pytest.raises(WakewordError, match=r"teacher\.pt is the teacher of another training; name another"):
        learn(other, few, tmp_path / "two", teacher_file=shared, progress=quiet())
    assert shared.read_bytes() == before
    learn(other, few, tmp_path / "two", teacher_file=shared, resume=False, progress=quiet())
    assert shared.read_bytes() != before


def test_a_teacher_that_was_killed_goes_on_to_the_same_one(few: Path, tmp_path: Path) -> None:
    taught = Distillation(TeacherConfig(widths=(8, 8), epochs=3, draw=FEW))
    config = replace(CONFIG, stages=Stages(1, 1, 1), distillation=taught)
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    break_off(config, few, broken)
    told = StringIO()
    learn(config, few, broken, progress=TerminalProgress(Console(file=told)))
    assert told.getvalue().startswith("resuming at epoch 2")
    learn(config, few, whole, progress=quiet())
    of_broken, of_whole = (torch.load(path.with_suffix(".training") / "teacher.pt") for path in (broken, whole))
    assert all(torch.equal(of_broken["average"][name], value) for name, value in of_whole["average"].items())


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_cell_without_an_integer_form_is_trained_and_judged_in_floats(few: Path, tmp_path: Path, cell: str) -> None:
    """It leaves its weights, with which it can be built again, and no model."""
    out = tmp_path / "model.safetensors"
    config = variant(replace(CONFIG, stages=Stages(2, 1, 1)), cell, hidden=16)
    evaluation = learn(config, few, out, progress=quiet())
    assert evaluation.engine == "float" and not out.exists()
    saved = torch.load(tmp_path / "model.training" / "float.pt")
    net = KeywordNet(CellConfig(**saved["config"]), 4, saved["net"]["mean"], saved["net"]["deviation"])
    net.load_state_dict(saved["net"])
    validation = load_corpus(config, KEYWORDS, few, None)
    assert clip_accuracy(net, validation.features, validation.validation.labels) == evaluation.accuracy


def test_clips_that_are_learned_from_again_come_in_another_order(few: Path, tmp_path: Path) -> None:
    """Two epochs of the same draw are not the same epoch twice, and are resumed in the middle of a draw."""
    config = replace(CONFIG, stages=Stages(1, 1, 2), epochs_per_draw=4)
    broken, whole = tmp_path / "broken", tmp_path / "whole"
    break_off(config, few, broken, after=3)
    for out in (broken, whole):
        learn(config, few, out, progress=quiet())
    assert same(read_model(broken), read_model(whole))


class Interrupting(TerminalProgress):
    """Ctrl-C after some epochs, the teacher's among them."""

    def __init__(self, console: Console, after: int = 1) -> None:
        super().__init__(console)
        self._left = after

    def epoch(self, result: EpochResult) -> None:
        self._left -= 1
        if self._left == 0:
            raise KeyboardInterrupt


def test_validation_clips_can_be_trained_on_when_all_is_chosen_and_then_choose_nothing(
    few: Path, tmp_path: Path
) -> None:
    told, out = StringIO(), tmp_path / "model"
    config = replace(CONFIG, stages=Stages(1, 1, 2), selection=Selection(include_validation=True))
    evaluation = learn(config, few, out, progress=TerminalProgress(Console(file=told)))
    assert "validation, trained on as well" in evaluation.as_text()
    provenance = read_model(out).provenance
    assert "validation_accuracy" not in provenance
    without = replace(config, selection=Selection())
    learn(without, few, out, progress=quiet())
    assert read_model(out).provenance["training_clips"] < provenance["training_clips"]


def test_the_epoch_that_is_kept_is_the_best_or_the_last(
    few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kept(last: bool, accuracies: list[float]) -> torch.Tensor:
        """The classifier of a run of four epochs, two of them of the third stage, that validate so."""
        told = iter([*accuracies, 1.0])  # once more at the end, for the report
        errors = "wakeword.training.trainer.clip_errors"
        monkeypatch.setattr(errors, lambda *_: ClipErrors(next(told), missed=None, false_accepts=None))
        monkeypatch.setattr("wakeword.training.outcome.clip_accuracy", lambda *_: next(told))
        out = tmp_path / "model"
        learn(
            replace(CONFIG, stages=Stages(1, 1, 2), selection=Selection(keep_last_epoch=last)),
            few,
            out,
            progress=quiet(),
        )
        weights = torch.load(out.with_suffix(".training") / "float.pt", weights_only=True)
        return weights["net"]["head.weight"]

    rising, falling = [0.1, 0.2, 0.3, 0.4], [0.9, 0.8, 0.7, 0.6]
    assert torch.equal(kept(True, falling), kept(False, rising))
    assert not torch.equal(kept(False, falling), kept(False, rising))


def test_a_nan_in_a_clip_is_said_with_its_name(few: Path, tmp_path: Path) -> None:
    root = write_tones(tmp_path / "nan", clips=6)
    samples = np.zeros(RATE, np.float32)
    samples[100] = np.nan
    soundfile.write(root / "low" / "00000009_nohash_0.wav", samples, RATE, subtype="FLOAT")
    with pytest.raises(WakewordError, match=r"00000009_nohash_0\.wav"):
        learn(CONFIG, root, tmp_path / "out", progress=quiet())


def test_a_word_without_clips_is_said(few: Path, tmp_path: Path) -> None:
    with pytest.raises(WakewordError, match="absent"):
        learn(CONFIG, few, tmp_path / "out", keyword_set("low,absent"), progress=quiet())


def test_a_full_disk_leaves_the_old_model(few: Path, tmp_path: Path) -> None:
    out = tmp_path / "model.safetensors"
    out.write_bytes(b"the old model")
    config = replace(CONFIG, stages=Stages(1, 1, 1))
    corpus = load_corpus(config, KEYWORDS, few)
    with files_up_to(3000), pytest.raises(WakewordError, match=r"^[^\n]* can't be written[^\n]*$"):
        train(config, corpus, out, progress=quiet())
    assert out.read_bytes() == b"the old model"
    assert not list(tmp_path.rglob("*.part"))


def test_progress_prints_a_line_for_each_epoch_without_a_terminal() -> None:
    told = StringIO()
    progress = TerminalProgress(Console(file=told))
    progress.begin(CONFIG.stages.of, CONFIG.stages.total, 7, 0)
    progress.step(0, 0.5, 1.0)
    progress.epoch(EpochResult(0, "low rank", 1.5, None))
    progress.epoch(EpochResult(1, "low rank", 1.25, 0.5))
    progress.end()
    assert told.getvalue().rstrip().splitlines()[1:] == [
        "epoch 1 (low rank): loss 1.500",
        "epoch 2 (low rank): loss 1.250, validation accuracy 50.00%",
    ]
