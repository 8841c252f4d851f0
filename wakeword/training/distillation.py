"""A teacher for a corpus: trained before the small network, or taken from the file that an earlier run left."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch
from filelock import FileLock
from torch import Tensor

from wakeword.data.keywords import UNKNOWN, KeywordSet
from wakeword.errors import WakewordError
from wakeword.training.checkpoint import read_checkpoint, write_checkpoint
from wakeword.training.corpus import Corpus
from wakeword.training.epochs import Epoch, ahead, as_log2, make_epoch
from wakeword.training.presets import TrainConfig
from wakeword.training.progress import EpochResult, TerminalProgress
from wakeword.training.teacher import Pupil, Teacher, TeacherConfig, posteriors, train_epoch


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
        return make_epoch(corpus.training, labels, noises, draws, epoch, corpus.hearing, corpus.rooms, corpus.kinds)

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
    pupil = Pupil.begin(settings, len(corpus.classes), mean, deviation, device)
    if content is not None:
        pupil.load_state_dict(content)
    if pupil.next_epoch < settings.epochs:
        _learn(pupil, corpus, draw, settings, path, fingerprint, progress)
    return pupil.average


def _learn(
    pupil: Pupil,
    corpus: Corpus,
    draw: Callable[[int], Epoch],
    settings: TeacherConfig,
    path: Path,
    fingerprint: str,
    progress: TerminalProgress,
) -> None:
    progress.begin(lambda epoch: "teacher", settings.epochs, len(corpus.training), pupil.next_epoch)
    try:
        for epoch in ahead(draw, pupil.next_epoch, settings.epochs):
            number = pupil.next_epoch
            classes = torch.from_numpy(corpus.class_of[epoch.chosen])
            step = partial(progress.step, number)
            loss = train_epoch(pupil, as_log2(epoch.features), classes, settings, step)
            write_checkpoint(path, fingerprint, pupil.state_dict())
            found = to_labels(posteriors(pupil.average, corpus.features), corpus.keywords).argmax(dim=1).numpy()
            accuracy = float((found == corpus.validation.labels).mean())
            progress.epoch(EpochResult(number, "teacher", loss, accuracy))
    finally:
        progress.end()


def _fingerprint(settings: TeacherConfig, corpus: Corpus) -> str:
    # Of files alone: what is cut from noise is drawn anew for every seed, and a teacher serves them all.
    names = "\n".join(name for name in corpus.training.names if "@" not in name)
    return hashlib.sha256(f"{settings}{corpus.classes}{names}".encode()).hexdigest()
