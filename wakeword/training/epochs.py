"""Epochs of augmented clips as features, by the product's own front end; the next is made while one is trained on.

Every draw depends on (seed, epoch) only, so that a resumed run sees the same clips as an unbroken one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from torch import Tensor

from wakeword.data.augment import augment
from wakeword.data.keywords import SILENCE, UNKNOWN
from wakeword.training.config import Draw, TeacherConfig, TrainConfig
from wakeword.training.corpus import Corpus, Strata, as_log2

T = TypeVar("T")


@dataclass(frozen=True)
class Epoch:
    """The clips of one epoch in random order."""

    features: npt.NDArray[np.int16]  # (n, T, D), log2 in Q9
    labels: npt.NDArray[np.int64]  # (n,)
    chosen: npt.NDArray[np.int64]  # (n,), the training example that each clip was made from


def make_epoch(corpus: Corpus, config: TrainConfig | TeacherConfig, number: int) -> Epoch:
    """Draw keyword clips, unknown words, silence and running speech from the training clips, and augment each."""
    examples, labels = corpus.training, corpus.keywords.labels
    rng = np.random.default_rng([config.seed, number])
    chosen = _draw(corpus, config.draw, rng)
    silent = labels.index(SILENCE) if SILENCE in labels else -1
    behind_words = [*corpus.noises, *corpus.talk]
    clips = np.empty((len(chosen), examples.samples.shape[1]), np.int16)
    for row, index in zip(clips, chosen, strict=True):
        silence, samples = bool(examples.labels[index] == silent), examples.samples[index]
        behind = corpus.noises if silence else behind_words
        row[:] = augment(samples, behind, rng, config.augmentation, silence=silence, rooms=corpus.rooms)
    return Epoch(corpus.front_end.features(clips), examples.labels[chosen], chosen)


def normalization(epoch: Epoch) -> tuple[Tensor, Tensor]:
    """Return the mean and the standard deviation, at least 1, of each band in log2; (D,) each."""
    features = as_log2(epoch.features)
    return features.mean(dim=(0, 1)), features.std(dim=(0, 1)).clamp(min=1)


def _draw(corpus: Corpus, draw: Draw, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return the numbers of the drawn training examples, in random order."""
    examples, labels = corpus.training, corpus.keywords.labels
    strata = corpus.strata or Strata(np.zeros(len(examples), np.int64), np.ones(1))
    running = np.zeros(len(examples), bool) if corpus.running is None else corpus.running
    pools = [np.flatnonzero((examples.labels == labels.index(word)) & ~running) for word in corpus.keywords.words]
    if draw.clips_per_word is not None:
        pools = [_stratified(pool, strata, draw.clips_per_word, rng) for pool in pools]
    clips = sum(map(len, pools))
    counts = {UNKNOWN: draw.unknown_clips(clips, len(pools)), SILENCE: round(draw.silence * clips)}
    for label, count in counts.items():
        if label in labels:
            pool = np.flatnonzero((examples.labels == labels.index(label)) & ~running)
            pools.append(_stratified(pool, strata, count, rng))
    if running.any():
        pools.append(_exactly(np.flatnonzero(running), round(draw.running * clips), rng))
    drawn = np.concatenate(pools)
    return rng.permutation(np.tile(drawn, -(-draw.least // max(1, len(drawn)))))


def _stratified(
    pool: npt.NDArray[np.int64], strata: Strata, count: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Draw `count` of the pool, from each stratum that is in it by its weight."""
    present = np.unique(strata.of[pool])
    weights = np.concatenate([[0], strata.weights[present]]).cumsum()
    counts = np.diff((count * weights / (weights[-1] or 1)).round().astype(int))
    parts = [pool[strata.of[pool] == stratum] for stratum in present]
    drawn = [_exactly(part, number, rng) for part, number in zip(parts, counts, strict=True)]
    return np.concatenate([pool[:0], *drawn])


def _exactly(pool: npt.NDArray[np.int64], count: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Draw `count` of the pool: all of it as often as it fits, the rest at random without repetition."""
    whole, rest = divmod(count, len(pool)) if len(pool) else (0, 0)
    return np.concatenate([np.tile(pool, whole), rng.choice(pool, rest, replace=False)])


def shared_draws(make: Callable[[int], T], epochs: range, shared: int) -> Iterator[T]:
    """Yield the draw of each epoch, in which `shared` epochs in a row are trained; make(number) makes one."""
    draws = range(epochs.start // shared, -(-epochs.stop // shared))
    for draw, data in zip(draws, ahead(make, draws), strict=True):
        for _ in range(max(epochs.start, draw * shared), min((draw + 1) * shared, epochs.stop)):
            yield data


def ahead(make: Callable[[int], T], numbers: range) -> Iterator[T]:
    """Yield make(number) for each number; a thread makes the next while one is in use."""
    if not numbers:
        return
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(make, numbers[0])
        for following in numbers[1:]:
            ready, pending = pending.result(), pool.submit(make, following)
            yield ready
        yield pending.result()
