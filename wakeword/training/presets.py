"""Named configurations: presets, sizes, settings for spoken phrases, and the networks of the paper's comparison."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from wakeword.data.augment import Augmentation
from wakeword.errors import UsageError
from wakeword.networks.config import KINDS, CellConfig, Kind
from wakeword.training.config import Stages, TeacherConfig, TrainConfig

_NONE = Augmentation(shift_ms=0, gain_db=(0, 0), noise_probability=0, speed_probability=0)
# Enough to carry over to other rooms; with much more, a network this small spends itself on the noise.
_MODERATE = Augmentation(
    noise_probability=0.6, snr_db=(2, 30), speed_probability=0.5, speed=(0.88, 1.14), gain_db=(-12, 6)
)

PRESETS: dict[str, TrainConfig] = {
    # The paper's recipe and sizes for Google-12: momentum, three hundreds of epochs, each clip as it is.
    "paper": TrainConfig(
        cell=CellConfig(start="paper"),
        stages=Stages(100, 100, 100),
        batch_size=100,
        optimizer="momentum",
        learning_rate=0.02,  # with 0.1 the loss goes up for good after some twenty epochs
        augmentation=_NONE,
        reuse=300,  # of clips that nothing is done to, one draw is enough
        carry_probability=0.0,
    ),
    # A first look within minutes.
    "small": TrainConfig(cell=CellConfig(hidden=64, rank_w=12, rank_u=16), stages=Stages(15, 10, 15)),
    # What made the shipped model; docs/lab-notes.md says what was tried.
    "best": TrainConfig(
        cell=CellConfig(inputs=64, frames_per_step=2, hidden=120, rank_w=16, rank_u=24, evidence=4),
        stages=Stages(120, 80, 300),
        density=1.0,  # at this size fewer units with whole factors know more than sparse ones
        quantizer="int4",  # and twice as many weights of four bits more than those of eight
        batch_size=64,
        learning_rate=0.006,
        clips_per_word=400,
        unknown=0.20,
        augmentation=_MODERATE,
        reuse=4,
        carry_probability=0.85,
        broken_off=30,
        after_silence=0.4,
        teacher=TeacherConfig(),
        distillation=0.7,
        average=0.998,
        validation_interval=5,
    ),
}


# Of the gain over the bands, in log2 of the energy: two thirds of what microphones do lie within 2.4 dB.
_CHANNEL = 0.8

# Hidden units and ranks of a FastGRNN with two frames a step and weights of four bits that takes at most so many
# kilobytes: of 1 and 2 with one phrase, of the others with ten words. Ranks are multiples of the four rows of a block.
SIZES: dict[str, tuple[int, int, int]] = {
    "1": (36, 4, 8),
    "1.5": (40, 4, 12),
    "2": (64, 8, 12),
    "6": (120, 16, 24),
    "10": (128, 20, 48),
}


def of_size(config: TrainConfig, size: str) -> TrainConfig:
    """The configuration with a network of one of `SIZES`, in four bits. Raises UsageError for another."""
    if size not in SIZES:
        raise UsageError(f"there is no network of {size} kilobytes; choose one of {', '.join(SIZES)}")
    hidden, rank_w, rank_u = SIZES[size]
    cell = replace(config.cell, hidden=hidden, rank_w=rank_w, rank_u=rank_u)
    return replace(config, cell=cell, quantizer="int4")


def for_phrases(config: TrainConfig) -> TrainConfig:
    """The configuration as it suits synthetic clips of a phrase or a few, which real people are to be told by.

    Much else is to be refused, at every moment, and little is known of how it will sound. All that was recorded is
    something else than the phrase, so that a network would rather learn how recordings sound: rooms, cheap microphones
    and channels of many kinds are heard, and never digital silence. A large network finds its way through that better
    than a small one does, and so it teaches the small one.
    """
    augmentation = replace(
        config.augmentation,
        room_probability=0.4,
        microphone_probability=0.4,
        noise_probability=1.0,
        snr_db=(2.0, 45.0),
        shift_ms=60.0,
    )
    heard: dict[str, Any] = {"augmentation": augmentation, "channel": _CHANNEL}
    drawn: dict[str, Any] = {"clips_per_word": 1000, "unknown": 4.0, "silence": 0.3}
    return replace(
        config,
        **heard,
        **drawn,
        stages=Stages(67, 33, 150),
        learning_rate=0.003,  # with 0.006 the loss doubles when the functions have become piecewise linear
        weight_decay=0.1,  # without, U may grow until the recurrence is chaotic and its gradients explode
        false_alarms=0.3,
        teacher=config.teacher and replace(config.teacher, epochs=20, **heard, **drawn),
        foreign_clips=300,  # by one in 1000 a network of 1 KB misses up to twice as many real clips
        last=True,  # what is said of synthetic clips by an epoch tells little of how seldom it is wrong on a stream
    )


def preset(name: str, seed: int = 0, include_validation: bool = False) -> TrainConfig:
    """The preset of that name. Raises UsageError for an unknown name."""
    if name not in PRESETS:
        raise UsageError(f"there is no preset {name!r}; choose one of {', '.join(PRESETS)}")
    return replace(PRESETS[name], seed=seed, include_validation=include_validation)


# FastGRNN low rank, sparse, quantised; without the low rank; and quantised alone.
COMPRESSED = ("fastgrnn-lsq", "fastgrnn-sq", "fastgrnn-q")
VARIANTS = (*COMPRESSED, *KINDS)


def variant(config: TrainConfig, name: str, hidden: int | None = None) -> TrainConfig:
    """The settings with another network: one of COMPRESSED, or any cell in full (whole, dense and in floats).

    All of it is trained for as many epochs: a stage that a variant has no use for adds its own to the one before.
    hidden: units, where not those of `config`. Raises UsageError for an unknown name.
    """
    if name not in VARIANTS:
        raise UsageError(f"there is no network {name!r}; choose one of {', '.join(VARIANTS)}")
    cell = replace(config.cell, hidden=hidden or config.cell.hidden)
    if name == "fastgrnn-lsq":
        return replace(config, cell=replace(cell, kind="fastgrnn", piecewise=True))
    whole = replace(cell, kind="fastgrnn", rank_w=None, rank_u=None, piecewise=True)
    if name == "fastgrnn-sq":
        return replace(config, cell=whole)
    if name == "fastgrnn-q":
        return _dense(config, whole, quantised=config.stages.quantised)
    return _dense(config, replace(whole, kind=cast(Kind, name), piecewise=False), quantised=0)


def _dense(config: TrainConfig, cell: CellConfig, quantised: int) -> TrainConfig:
    """The settings without the sparse stage, whose epochs go to the first."""
    stages = replace(config.stages, low_rank=config.stages.total - quantised, sparse=0, quantised=quantised)
    return replace(config, cell=cell, density=1.0, stages=stages)
