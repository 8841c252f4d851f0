"""Distillation: a large network teaches the small one (Hinton et al. 2015, arXiv:1503.02531).

The teacher (networks/teacher.py) learns every word of the data as a class of its own, so that it learns what sets
words apart, not what ten of them sound like. It is trained before the small network, or taken from the file of an
earlier run.

Shapes: n clips, T frames, D bands, C classes, K labels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from filelock import FileLock
from torch import Tensor
from torch.nn import functional

from wakeword.data.examples import MADE_NOISE
from wakeword.data.keywords import UNKNOWN, KeywordSet
from wakeword.data.speech_commands import NOISE_FOLDER
from wakeword.errors import DataError, UsageError
from wakeword.networks.resnet import ResNet
from wakeword.networks.tc_resnet import TcResNet
from wakeword.networks.teacher import Teacher
from wakeword.training.adamw import AdamW
from wakeword.training.checkpoint import Checkpoint
from wakeword.training.config import TeacherConfig
from wakeword.training.corpus import Corpus, as_log2
from wakeword.training.epochs import make_epoch, normalization, shared_draws
from wakeword.training.feature_augment import augment_features
from wakeword.training.optimizer import learning_rate, set_learning_rate, update_average
from wakeword.training.progress import EpochResult, Progress
from wakeword.training.validation import clip_errors

CPU = torch.device("cpu")
_NETWORKS = {"resnet": ResNet, "tc-resnet": TcResNet}
_NOISE = (f"{NOISE_FOLDER}/", f"{MADE_NOISE}/")  # how the names of what is cut from noise begin
# Batches that the average of the teacher's weights reaches back, and the most as a fraction of its training: in the
# first epochs of a short training the weights know little.
_AVERAGED, _MOST_AVERAGED = 500, 1 / 7


def make_teacher(
    config: TeacherConfig,
    corpus: Corpus,
    path: Path,
    progress: Progress,
    *,
    shared: bool = False,
    resume: bool = True,
    device: torch.device = CPU,
) -> Teacher:
    """Return the teacher in `path` if it was trained on the same clips, else train one and leave it there.

    A run that was killed goes on from its last epoch. If another process is training this teacher, wait for it and use
    its result.

    shared: other trainings use `path`, too; a teacher of other clips is refused, not overwritten.
    resume: use the teacher in `path`; if not, replace it.

    Raises UsageError for a shared teacher of other clips, and DataError for a file that can't be read or written.
    """
    checkpoint = Checkpoint(path, _fingerprint(config, corpus))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            content = checkpoint.read() if resume else None
            if content is None and shared and resume and path.exists():
                raise UsageError(f"{path} is the teacher of another training; name another file, or remove it")
            run = _begin(config, corpus, content, device)
            _train(run, corpus, checkpoint, progress)
    except OSError as error:
        raise DataError(f"the teacher {path} can't be written: {error.strerror}") from error
    return run.average


def posteriors(teacher: Teacher, features: Tensor) -> Tensor:
    """Return a teacher's posteriors: features (n, T, D) in log2 to (n, C). The teacher must be in eval mode."""
    device = teacher.mean.device
    with torch.no_grad(), _half_precision(device):
        return torch.cat([teacher(part.to(device)).float().softmax(dim=1).cpu() for part in features.split(256)])


def to_labels(posteriors: Tensor, keywords: KeywordSet) -> Tensor:
    """Convert posteriors of the classes (n, C) to those of the labels (n, K): other words are unknown words."""
    labels = posteriors[:, : len(keywords.labels)].clone()
    if keywords.unknown:
        labels[:, keywords.labels.index(UNKNOWN)] += posteriors[:, len(keywords.labels) :].sum(dim=1)
    return labels


class TeacherRun:
    """A teacher's training between two epochs. The moving average of the weights is the teacher in the end."""

    def __init__(
        self, config: TeacherConfig, classes: int, mean: Tensor, deviation: Tensor, device: torch.device = CPU
    ) -> None:
        """Initialize the weights from torch's random state on the CPU. mean and deviation: (D,), in log2."""
        self.config = config
        self.network: Teacher = _NETWORKS[config.kind](config.widths, classes, mean, deviation).to(device)
        self.average = deepcopy(self.network).eval()
        group = {"params": self.network.parameters(), "weight_decay": config.weight_decay}
        self.optimizer = AdamW([group], config.learning_rate)
        self.next_epoch = 0

    def train_epoch(
        self, features: Tensor, classes: Tensor, report: Callable[[float, float], None] = lambda done, loss: None
    ) -> float:
        """Train one epoch on features (n, T, D) in log2 and classes (n,), in random order. Returns the mean loss.

        report: called after each batch with the fraction of the epoch that is done, and the mean loss so far.
        """
        config, device = self.config.in_epoch(self.next_epoch), self.network.mean.device
        seed = config.seed * 100_003 + self.next_epoch
        generator = torch.Generator().manual_seed(seed)
        torch.manual_seed(seed)  # of the dropout
        order = torch.randperm(len(classes), generator=generator)
        self.network.train()
        batches, total = max(1, len(classes) // config.batch_size), 0.0
        for batch in range(batches):
            rows = order[batch * config.batch_size : (batch + 1) * config.batch_size]
            rate = learning_rate(config.learning_rate, self.next_epoch + batch / batches, config.epochs)
            set_learning_rate(self.optimizer, rate)
            x = augment_features(features[rows].to(device), self.network.mean, config.feature_augmentation, generator)
            loss = self._mixed_loss(x, classes[rows].to(device), config, generator)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            past = self.next_epoch * batches + batch
            reach = min(_AVERAGED, max(1.0, _MOST_AVERAGED * batches * config.epochs), 10 + past)
            update_average(self.average, self.network, 1 - 1 / reach)
            total += float(loss.detach())
            report((batch + 1) / batches, total / (batch + 1))
        self.next_epoch += 1
        return total / batches

    def _mixed_loss(self, x: Tensor, classes: Tensor, config: TeacherConfig, generator: torch.Generator) -> Tensor:
        """Return the cross-entropy of clips that are each mixed with another, towards both classes (mixup)."""
        smoothing = config.label_smoothing
        share = _beta(config.mixup, generator) if config.mixup else 1.0
        other = torch.randperm(len(x), generator=generator).to(x.device)
        with _half_precision(x.device):
            logits = self.network(share * x + (1 - share) * x[other]).float()
        own = functional.cross_entropy(logits, classes, label_smoothing=smoothing)
        return share * own + (1 - share) * functional.cross_entropy(logits, classes[other], label_smoothing=smoothing)

    def state_dict(self) -> dict[str, Any]:
        """Return all that `load_state_dict` needs to go on to the same bits."""
        return {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "next_epoch": self.next_epoch,
        }

    def load_state_dict(self, content: dict[str, Any]) -> None:
        """Go on from the state of a run with the same configuration and clips."""
        self.network.load_state_dict(content["network"])
        self.average.load_state_dict(content["average"])
        self.optimizer.load_state_dict(content["optimizer"])
        self.next_epoch = content["next_epoch"]


def _begin(config: TeacherConfig, corpus: Corpus, content: dict[str, Any] | None, device: torch.device) -> TeacherRun:
    """Return a new run, or the one of a checkpoint's content."""
    if content is None:  # normalize by an epoch that training never uses
        mean, deviation = normalization(make_epoch(corpus, config, config.epochs))
    else:
        mean, deviation = content["network"]["mean"], content["network"]["deviation"]
    torch.manual_seed(config.seed)
    run = TeacherRun(config, len(corpus.classes), mean, deviation, device)
    if content is not None:
        run.load_state_dict(content)
    return run


def _train(run: TeacherRun, corpus: Corpus, checkpoint: Checkpoint, progress: Progress) -> None:
    """Train the epochs that are left, if any, with a checkpoint after each."""
    numbers = range(run.next_epoch, run.config.epochs)
    if not numbers:
        return
    progress.begin(lambda epoch: "teacher", run.config.epochs, len(corpus.training), run.next_epoch)
    try:
        draws = shared_draws(partial(make_epoch, corpus, run.config), numbers, run.config.epochs_per_draw)
        for number, epoch in zip(numbers, draws, strict=True):
            classes = torch.from_numpy(corpus.class_of[epoch.chosen])
            loss = run.train_epoch(as_log2(epoch.features), classes, partial(progress.step, number))
            checkpoint.write(run.state_dict())
            found = to_labels(posteriors(run.average, corpus.features), corpus.keywords).argmax(dim=1).numpy()
            progress.epoch(EpochResult(number, "teacher", loss, *clip_errors(found, corpus)))
    finally:
        progress.end()


def _fingerprint(config: TeacherConfig, corpus: Corpus) -> str:
    """Return a digest that tells teachers apart, by the names and samples of the clips.

    What is cut from noise doesn't count: it is drawn anew for every seed, and one teacher serves them all.
    """
    digest = hashlib.blake2b(f"{config}{corpus.classes}".encode())
    for name, samples in zip(corpus.training.names, corpus.training.samples, strict=True):
        if not name.startswith(_NOISE):
            digest.update(f"{name}\n".encode())
            digest.update(np.ascontiguousarray(samples).data)
    return digest.hexdigest()


def _beta(alpha: float, generator: torch.Generator) -> float:
    """Draw from Beta(alpha, alpha), as a ratio of two Gamma draws."""
    a, b = torch._standard_gamma(torch.full((2,), alpha), generator=generator).tolist()
    return a / (a + b) if a + b > 0 else 1.0


def _half_precision(device: torch.device) -> torch.autocast:
    """Return a context that computes in bfloat16 if the device has it; elsewhere it would only be slow."""
    on_cpu = device.type == "cpu"
    able = torch.ops.mkldnn._is_mkldnn_bf16_supported() if on_cpu else torch.cuda.is_bf16_supported()
    return torch.autocast(device.type, torch.bfloat16, enabled=able)
