"""Training in the paper's three stages (section 3.2.1), from a corpus to a model."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import torch

from wakeword.evaluation.accuracy import Evaluation
from wakeword.networks.teacher import Teacher
from wakeword.training.checkpoint import Checkpoint
from wakeword.training.config import TrainConfig, check_integer_form
from wakeword.training.corpus import Corpus
from wakeword.training.distillation import make_teacher
from wakeword.training.finished import CHECKPOINT, fingerprint, keep_earlier, note_finished
from wakeword.training.outcome import write_outcome
from wakeword.training.progress import Progress, TerminalProgress
from wakeword.training.trainer import Trainer

CPU = torch.device("cpu")


def train(
    config: TrainConfig,
    corpus: Corpus,
    out: Path,
    *,
    teacher_file: Path | None = None,
    resume: bool = True,
    progress: Progress | None = None,
    device: torch.device = CPU,
) -> Evaluation:
    """Train a model and write it to `out`; report, C header, checkpoint and teacher go to the folder beside it.

    A network without an integer form (a schedule without a quantized stage) leaves no model, only its weights, in
    `float.pt` in that folder.

    teacher_file: the teacher is taken from this file, or trained and left there, so that several runs may share it.
    resume: go on from a checkpoint of the same run, and take a teacher of the same clips from its file.
    device: where the networks learn.

    Returns the evaluation on the validation clips. Raises UsageError for a network that the integer engine has no room
    for, and WakewordError for data that can't be used, or files that can't be read or written.
    """
    check_integer_form(config, len(corpus.keywords.labels))
    torch.set_num_threads(1)  # features are made on another core; small products gain nothing by a second
    progress = progress or TerminalProgress()
    folder = out.with_suffix(".training")
    teacher = None
    if config.distillation.teacher is not None:
        file, shared = teacher_file or folder / "teacher.pt", teacher_file is not None
        teacher = make_teacher(
            config.distillation.teacher, corpus, file, progress, shared=shared, resume=resume, device=device
        )
    trainer = Trainer(config, corpus, device)
    checkpoint = Checkpoint(folder / CHECKPOINT, fingerprint(config, corpus))
    content = checkpoint.read() if resume else None
    if content is not None:
        trainer.load_state_dict(content)
    _train_all_epochs(trainer, teacher, checkpoint, progress)
    keep_earlier(out)
    evaluation = write_outcome(trainer, out)
    note_finished(config, corpus, out)
    checkpoint.remove()
    return evaluation


def _train_all_epochs(trainer: Trainer, teacher: Teacher | None, checkpoint: Checkpoint, progress: Progress) -> None:
    """Train the epochs that are left, with a checkpoint after each."""
    stages, corpus = trainer.config.stages, trainer.corpus
    progress.begin(stages.of, stages.total, len(corpus.training), trainer.next_epoch)
    try:
        for data in trainer.epochs(teacher):
            result = trainer.train_epoch(data, partial(progress.step, trainer.next_epoch))
            checkpoint.write(trainer.state_dict())
            progress.epoch(result)
    finally:
        progress.end()
