"""Epochs of augmented clips as features, made by the product's own front end while the last epoch is trained on.

Every draw depends on (seed, epoch) only, so that a resumed run sees what an unbroken one would have seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from featurizer.logmel import Samples
from wakeword.data.acoustics import Bank
from wakeword.data.augment import augment
from wakeword.data.examples import Examples
from wakeword.data.keywords import SILENCE, UNKNOWN
from wakeword.inference.front_end import LOG_MEL, FrontEnd
from wakeword.training.config import TrainConfig
from wakeword.training.corpus import Kinds

T = TypeVar("T")


@dataclass(frozen=True)
class Epoch:
    """Training data of one epoch in random order: features (n, T, D) int16 log2 Q9, labels (n,)."""

    features: npt.NDArray[np.int16]
    labels: npt.NDArray[np.int64]
    chosen: npt.NDArray[np.int64]  # (n,), which example each clip was made from


def make_epoch(
    examples: Examples,
    labels: tuple[str, ...],
    noises: list[Samples],
    config: TrainConfig,
    epoch: int,
    front_end: FrontEnd = LOG_MEL,
    rooms: Bank = (),
    kinds: Kinds | None = None,
) -> Epoch:
    """Keyword clips, a fresh draw of unknown and silent ones, each augmented; some of them in the rooms.

    kinds: of the examples; None: all are of one.
    """
    rng = np.random.default_rng([config.seed, epoch])
    kinds = kinds or Kinds(np.zeros(len(examples), np.int64), np.ones(1))
    chosen = _draw(examples, labels, config, kinds, rng)
    silent = labels.index(SILENCE) if SILENCE in labels else -1
    clips = np.empty((len(chosen), examples.samples.shape[1]), np.int16)
    for row, index in zip(clips, chosen, strict=True):
        is_silent, samples = bool(examples.labels[index] == silent), examples.samples[index]
        row[:] = augment(samples, noises, rng, config.augmentation, silence=is_silent, rooms=rooms)
    return Epoch(front_end.features(clips), examples.labels[chosen], chosen)


def _draw(
    examples: Examples,
    labels: tuple[str, ...],
    config: TrainConfig,
    kinds: Kinds,
    rng: np.random.Generator,
) -> npt.NDArray[np.int64]:
    shares = {UNKNOWN: config.unknown, SILENCE: config.silence}
    drawn = {labels.index(label): share for label, share in shares.items() if label in labels}
    words = [label for label in range(len(labels)) if label not in drawn]
    pools = [np.flatnonzero(examples.labels == label) for label in words]
    if config.clips_per_word is not None:
        pools = [_by_kind(pool, kinds, config.clips_per_word, rng) for pool in pools]
    count = sum(map(len, pools))
    for label, share in drawn.items():
        pool = np.flatnonzero(examples.labels == label)
        pools.append(_by_kind(pool, kinds, round(share * count), rng))
    return rng.permutation(np.concatenate(pools))


def _by_kind(pool: npt.NDArray[np.int64], kinds: Kinds, count: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """`count` of the pool, of each kind that is in it by its weight."""
    present = np.unique(kinds.of[pool])
    weights = np.concatenate([[0], kinds.weights[present]]).cumsum()
    counts = np.diff((count * weights / (weights[-1] or 1)).round().astype(int))
    parts = [pool[kinds.of[pool] == kind] for kind in present]
    drawn = [_exactly(part, number, rng) for part, number in zip(parts, counts, strict=True)]
    return np.concatenate([pool[:0], *drawn])


def _exactly(pool: npt.NDArray[np.int64], count: int, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """`count` of the pool: each as often as another, the rest at random without repeating."""
    whole, rest = divmod(count, len(pool)) if len(pool) else (0, 0)
    return np.concatenate([np.tile(pool, whole), rng.choice(pool, rest, replace=False)])


def ahead(make: Callable[[int], T], first: int, end: int) -> Iterator[T]:
    """make(first) … make(end - 1); the next is computed in a thread while one is in use."""
    if first >= end:
        return
    with ThreadPoolExecutor(1) as pool:
        pending = pool.submit(make, first)
        for number in range(first, end):
            ready = pending.result()
            if number + 1 < end:
                pending = pool.submit(make, number + 1)
            yield ready
