"""Distillation: a larger network teaches the small one (Hinton et al. 2015, arXiv:1503.02531).

The teacher (networks/tc_resnet.py) learns every word of the data as a class of its own, so that it finds out what sets
words apart, not what ten of them look like. It is trained before the small network, or taken from the file that an
earlier run left.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from filelock import FileLock
from torch import Tensor
from torch.nn import functional

from wakeword.data.keywords import UNKNOWN, KeywordSet
from wakeword.errors import WakewordError
from wakeword.networks.tc_resnet import Teacher
from wakeword.training.checkpoint import read_checkpoint, write_checkpoint
from wakeword.training.config import TeacherConfig, TrainConfig
from wakeword.training.corpus import Corpus, as_log2
from wakeword.training.epochs import Epoch, ahead, make_epoch
from wakeword.training.feature_augment import random_equalizer, spec_augment
from wakeword.training.optimizer import follow, learning_rate
from wakeword.training.progress import EpochResult, TerminalProgress

CPU = torch.device("cpu")
_DECAY = 0.998  # of the average of the teacher's weights, for each batch


def to_labels(found: Tensor, keywords: KeywordSet) -> Tensor:
    """Posteriors of the classes (n, C) as those of the labels (n, K): other words are unknown words."""
    labels = found[:, : len(keywords.labels)].clone()
    if keywords.unknown:
        labels[:, keywords.labels.index(UNKNOWN)] += found[:, len(keywords.labels) :].sum(dim=1)
    return labels


def make_teacher(
    config: TrainConfig,
    corpus: Corpus,
    path: Path,
    progress: TerminalProgress,
    *,
    shared: bool = False,
    resume: bool = True,
    device: torch.device,
) -> Teacher:
    """The teacher in `path` where it was made of the same clips, else a new one, which is left there.

    shared: other trainings take theirs from `path`, so that one there that is not of these clips is refused, and kept.
    resume: take what is in `path`; without it, a new one is put in its place.

    A run that was killed goes on from its last epoch; one that finds another at it waits for what that makes. Raises
    WakewordError for a file that can't be read or written, or is refused.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_suffix(".lock")):
            return _made(config, corpus, path, progress, shared, resume, device)
    except OSError as error:
        raise WakewordError(f"cannot write {path}: {error.strerror}") from error


def _made(
    config: TrainConfig,
    corpus: Corpus,
    path: Path,
    progress: TerminalProgress,
    shared: bool,
    resume: bool,
    device: torch.device,
) -> Teacher:
    settings = config.teacher
    assert settings is not None
    draws = replace(
        config,
        clips_per_word=settings.clips_per_word,
        unknown=settings.unknown,
        silence=settings.silence,
        augmentation=settings.augmentation,
        seed=settings.seed,
    )

    def draw(epoch: int) -> Epoch:
        labels, noises = corpus.keywords.labels, corpus.noises
        return make_epoch(corpus.training, labels, noises, draws, epoch, corpus.front_end, corpus.rooms, corpus.kinds)

    fingerprint = _fingerprint(settings, corpus)
    content = read_checkpoint(path, fingerprint) if resume else None
    if content is None:
        if shared and resume and path.exists():
            raise WakewordError(f"{path} is the teacher of another training; name another file, or remove it")
        sample = as_log2(draw(settings.epochs).features)  # an epoch that training never sees
        mean, deviation = sample.mean(dim=(0, 1)), sample.std(dim=(0, 1)).clamp(min=1)
    else:
        mean, deviation = content["network"]["mean"], content["network"]["deviation"]
    torch.manual_seed(settings.seed)
    run = TeacherRun.begin(settings, len(corpus.classes), mean, deviation, device)
    if content is not None:
        run.load_state_dict(content)
    if run.next_epoch < settings.epochs:
        _learn(run, corpus, draw, settings, path, fingerprint, progress)
    return run.average


def _learn(
    run: TeacherRun,
    corpus: Corpus,
    draw: Callable[[int], Epoch],
    settings: TeacherConfig,
    path: Path,
    fingerprint: str,
    progress: TerminalProgress,
) -> None:
    progress.begin(lambda epoch: "teacher", settings.epochs, len(corpus.training), run.next_epoch)
    try:
        for epoch in ahead(draw, run.next_epoch, settings.epochs):
            number = run.next_epoch
            classes = torch.from_numpy(corpus.class_of[epoch.chosen])
            step = partial(progress.step, number)
            loss = train_epoch(run, as_log2(epoch.features), classes, settings, step)
            write_checkpoint(path, fingerprint, run.state_dict())
            found = to_labels(posteriors(run.average, corpus.features), corpus.keywords).argmax(dim=1).numpy()
            accuracy = float((found == corpus.validation.labels).mean())
            progress.epoch(EpochResult(number, "teacher", loss, accuracy))
    finally:
        progress.end()


def _fingerprint(settings: TeacherConfig, corpus: Corpus) -> str:
    # Of files alone: what is cut from noise is drawn anew for every seed, and a teacher serves them all.
    names = "\n".join(name for name in corpus.training.names if "@" not in name)
    return hashlib.sha256(f"{settings}{corpus.classes}{names}".encode()).hexdigest()


def posteriors(teacher: Teacher, features: Tensor) -> Tensor:
    """What a trained teacher says of clips: features (n, T, D) to (n, classes). The teacher must be in eval mode."""
    device = teacher.mean.device
    with torch.no_grad(), _half_precision(device):
        return torch.cat([teacher(part.to(device)).float().softmax(dim=1).cpu() for part in features.split(256)])


@dataclass
class TeacherRun:
    """A teacher that still learns. What teaches in the end is the moving average of its weights."""

    network: Teacher
    average: Teacher
    optimizer: torch.optim.Optimizer
    next_epoch: int = 0

    @classmethod
    def begin(
        cls, config: TeacherConfig, classes: int, mean: Tensor, deviation: Tensor, device: torch.device = CPU
    ) -> TeacherRun:
        """A fresh one, by torch's random state on the CPU."""
        network = Teacher(config.widths, classes, mean, deviation).to(device)
        optimizer = torch.optim.AdamW(network.parameters(), config.learning_rate, weight_decay=config.weight_decay)
        return cls(network, deepcopy(network).eval(), optimizer)

    def state_dict(self) -> dict[str, Any]:
        """All that `load_state_dict` needs to go on to the same bits."""
        return {
            "network": self.network.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "next_epoch": self.next_epoch,
        }

    def load_state_dict(self, content: dict[str, Any]) -> None:
        self.network.load_state_dict(content["network"])
        self.average.load_state_dict(content["average"])
        self.optimizer.load_state_dict(content["optimizer"])
        self.next_epoch = content["next_epoch"]


def train_epoch(
    run: TeacherRun,
    features: Tensor,
    classes: Tensor,
    config: TeacherConfig,
    step: Callable[[float, float], None] = lambda share, loss: None,
) -> float:
    """One epoch over features (n, T, D) in log2 and classes (n,); calls `step` with the share done and the mean loss
    after each batch, and returns the latter.
    """
    generator = torch.Generator().manual_seed(config.seed * 100_003 + run.next_epoch)
    torch.manual_seed(config.seed * 100_003 + run.next_epoch)  # of the dropout
    run.network.train()
    batches = max(1, len(classes) // config.batch_size)
    device, total = run.network.mean.device, 0.0
    for batch in range(batches):
        rows = slice(batch * config.batch_size, (batch + 1) * config.batch_size)
        for group in run.optimizer.param_groups:
            group["lr"] = learning_rate(config.learning_rate, run.next_epoch + batch / batches, config.epochs)
        x = random_equalizer(features[rows].to(device), config.channel, generator)
        x = spec_augment(x, run.network.mean, config.masks, generator)
        loss = _mixed_loss(run.network, x, classes[rows].to(device), config, generator)
        run.optimizer.zero_grad()
        loss.backward()
        run.optimizer.step()
        follow(run.average, run.network, min(_DECAY, 1 - 1 / (10 + run.next_epoch * batches + batch)))
        total += float(loss.detach())
        step((batch + 1) / batches, total / (batch + 1))
    run.next_epoch += 1
    return total / batches


def _mixed_loss(
    teacher: Teacher, x: Tensor, classes: Tensor, config: TeacherConfig, generator: torch.Generator
) -> Tensor:
    """Cross entropy of clips that are each mixed with another, towards both classes in the same proportion."""
    share = _beta(config.mixup, generator) if config.mixup else 1.0
    other = torch.randperm(len(x), generator=generator).to(x.device)
    with _half_precision(x.device):
        logits = teacher(share * x + (1 - share) * x[other]).float()
    smoothing = config.label_smoothing
    own = functional.cross_entropy(logits, classes, label_smoothing=smoothing)
    return share * own + (1 - share) * functional.cross_entropy(logits, classes[other], label_smoothing=smoothing)


def _beta(alpha: float, generator: torch.Generator) -> float:
    """A draw from Beta(alpha, alpha), as a ratio of two Gamma draws."""
    a, b = torch._standard_gamma(torch.full((2,), alpha), generator=generator).tolist()
    return a / (a + b) if a + b > 0 else 1.0


def _half_precision(device: torch.device) -> torch.autocast:
    """bfloat16 where the device computes in it; elsewhere it would only be slow."""
    on_cpu = device.type == "cpu"
    able = torch.ops.mkldnn._is_mkldnn_bf16_supported() if on_cpu else torch.cuda.is_bf16_supported()
    return torch.autocast(device.type, torch.bfloat16, enabled=able)
