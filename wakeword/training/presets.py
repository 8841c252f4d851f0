"""Named configurations: presets, sizes, settings for spoken phrases, and the networks of the paper's comparison."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Literal, cast

from wakeword.data.augment import Augmentation
from wakeword.errors import UsageError
from wakeword.networks.config import KINDS, CellConfig, ConvolutionConfig, Kind
from wakeword.quantization.config import Quantization
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

_NONE = Augmentation(shift_ms=0, gain_db=(0, 0), noise_probability=0, speed_probability=0)
# Enough to carry over to other rooms; with much more, a network this small spends its capacity on the noise.
_MODERATE = Augmentation(
    noise_probability=0.6, snr_db=(2, 30), speed_probability=0.5, speed=(0.88, 1.14), gain_db=(-12, 6)
)

# Most clips begin in the state of another, and two in five of those after silence: other words are refused better.
_FROM_SILENCE = CarriedState(0.85, jitter_steps=30, from_silence=0.4)

PRESETS: dict[str, TrainConfig] = {
    # The paper's training and sizes for Google-12: momentum, three times a hundred epochs, clips without augmentation.
    "paper": TrainConfig(
        cell=CellConfig(start="paper"),
        stages=Stages(100, 100, 100),
        # With a rate of 0.1 the loss rises for good after some twenty epochs.
        optimization=Optimization("momentum", batch_size=100, learning_rate=0.02),
        epochs_per_draw=300,  # without augmentation, one draw is enough
        augmentation=_NONE,
        carried_state=CarriedState(carry_probability=0.0),
    ),
    # A first look within minutes.
    "small": TrainConfig(
        cell=CellConfig(hidden=64, rank_w=12, rank_u=16),
        stages=Stages(15, 10, 15),
        draw=Draw(least=8000),  # so few epochs of a few recordings would teach nothing
        carried_state=_FROM_SILENCE,
    ),
    # The most accurate.
    "best": TrainConfig(
        cell=CellConfig(
            inputs=128,
            frames_per_step=4,
            hidden=96,
            rank_w=16,
            rank_u=24,
            evidence=3,
            convolution=ConvolutionConfig(),  # a sound is learned once for all pitches and moments
        ),
        stages=Stages(120, 80, 300),
        sparsity=Sparsity(density=1.0),  # at the same bytes, fewer units with dense factors are more accurate
        quantization=Quantization("int4"),  # likewise, twice as many weights of four bits
        optimization=Optimization(batch_size=64, learning_rate=0.006, ema_decay=0.998),
        draw=Draw(clips_per_word=400, unknown=0.20),
        epochs_per_draw=4,
        augmentation=_MODERATE,
        carried_state=replace(_FROM_SILENCE, jitter_steps=15),  # a clip has 24 steps of four frames
        distillation=Distillation(TeacherConfig(), teacher_weight=0.7),
        selection=Selection(validation_interval=5),
    ),
}

# Hidden units and ranks of a FastGRNN with weights of four bits, by its kilobytes at most: 1 and 2 with one word, the
# others with ten. Ranks are multiples of the four rows of a block. A step has two frames at most.
SIZES: dict[str, tuple[int, int, int]] = {
    "1": (36, 4, 8),
    "1.5": (40, 4, 12),
    "2": (64, 8, 12),
    "6": (120, 16, 24),
    "10": (128, 20, 48),
}
# Likewise with convolutions, by their channels and outputs and the format of their weights.
CONVOLVED_SIZES: dict[str, tuple[tuple[int, int, int], tuple[int, int], Literal["int8", "int4"]]] = {
    "1": ((28, 4, 8), (4, 4), "int4"),
    "1.5": ((36, 4, 8), (8, 8), "int4"),
    "2": ((48, 8, 12), (8, 8), "int4"),
    "6": ((96, 16, 24), (12, 16), "int8"),
    "10": ((128, 20, 40), (12, 16), "int4"),
}

_EQUALIZER = 0.8  # in log2 of the energy: two thirds of what microphones do to a band is within 2.4 dB
_PACE, _TRACT = 0.25, 0.7  # in log2 and in bands, as measured at 6 KB (docs/lab-notes.md)

_RUNNING, _MICROPHONES = 0.4, 0.3  # running speech relative to keyword clips, and the share of clips with a microphone

# FastGRNN low rank, sparse, quantized; without the low rank; and quantized alone.
COMPRESSED = ("fastgrnn-lsq", "fastgrnn-sq", "fastgrnn-q")
VARIANTS = (*COMPRESSED, *KINDS)


def preset(name: str, seed: int = 0, include_validation: bool = False) -> TrainConfig:
    """Return the preset of that name. Raises UsageError for an unknown name."""
    if name not in PRESETS:
        raise UsageError(f"there is no preset {name!r}; choose one of {', '.join(PRESETS)}")
    config = PRESETS[name]
    return replace(config, selection=replace(config.selection, include_validation=include_validation), seed=seed)


def of_size(config: TrainConfig, size: str) -> TrainConfig:
    """Return the configuration with a network of one of `SIZES`, in four bits. Raises UsageError for another size."""
    if size not in SIZES:
        raise UsageError(f"there is no network of {size} kilobytes; choose one of {', '.join(SIZES)}")
    convolution, quantization = config.cell.convolution, replace(config.quantization, quantizer="int4")
    if convolution is None:
        hidden, rank_w, rank_u = SIZES[size]
    else:
        (hidden, rank_w, rank_u), (channels, outputs), weights = CONVOLVED_SIZES[size]
        convolution = replace(convolution, channels=channels, outputs=outputs)
        quantization = replace(quantization, convolution_weights=weights)
    cell = replace(config.cell, hidden=hidden, rank_w=rank_w, rank_u=rank_u, convolution=convolution)
    return replace(config, cell=cell, quantization=quantization)


def for_phrases(config: TrainConfig, phrases: int = 1, *, streams: bool = False) -> TrainConfig:
    """Return settings for phrases trained on synthetic speech and used on real speakers.

    phrases: their number. Several share the negatives of one, and each has fewer positives, but no fewer than 400: an
    epoch of three phrases is 14 % larger than an epoch of one. streams: there are recordings of negatives.

    A phrase has many negatives, and its real recordings sound unlike its synthetic clips. All recordings in the data
    are negatives, so a network would learn to recognize recordings instead of the phrase. Rooms, cheap microphones and
    random equalizers, and never digital silence, prevent that. A large network copes with them better than a small one,
    and teaches it.
    """
    if config.carried_state == _FROM_SILENCE:  # of a phrase of `small`, other sentences would be refused less well
        config = replace(config, carried_state=CarriedState())
    varied = replace(
        config,
        draw=_draw(phrases),
        augmentation=replace(
            config.augmentation,
            room_probability=0.4,
            microphone_probability=0.4,
            # Recordings of negatives may all be of one band, which would else tell them from the phrase. Without any,
            # narrow speech is better refused for its band (docs/lab-notes.md).
            channel_probability=0.4 if streams else 0.0,
            noise_probability=1.0,
            snr_db=(0.0, 40.0),
            gain_db=(-30.0, 6.0),  # a synthetic clip is at -15 dBFS; far or quiet speech is at -45 (live/take.py)
            shift_ms=60.0,
            speed_probability=0.7,
            speed=(0.9, 1.3),  # children's vocal tracts are up to a quarter shorter than those of the voices
        ),
        feature_augmentation=replace(config.feature_augmentation, equalizer=_EQUALIZER, pace=_PACE, tract=_TRACT),
    )
    return replace(
        varied,
        stages=Stages(67, 33, 150),
        optimization=replace(
            config.optimization,
            learning_rate=0.003,  # with 0.006 the loss doubles when the functions become piecewise linear
            weight_decay=0.1,  # without, U may grow until the recurrence is chaotic and its gradients explode
        ),
        regularization=replace(config.regularization, false_accept_loss=0.3),
        distillation=_taught_by(varied),
        selection=replace(
            config.selection,
            keep_last_epoch=True,  # accuracy on synthetic clips tells little of false accepts on a stream
            negatives_per_false_accept=None,
            false_accepts_per_hour=0.5,
        ),
    )


def for_streams(config: TrainConfig) -> TrainConfig:
    """Return settings for recorded words that are to be heard where people talk.

    An epoch has running speech beside single words (data/running_speech.py). Cheap microphones keep the network from
    telling the two apart by their channel: recordings of speech come from few sources.
    """

    def hardened(draw: Draw, augmentation: Augmentation) -> tuple[Draw, Augmentation]:
        return replace(draw, running=_RUNNING), replace(augmentation, microphone_probability=_MICROPHONES)

    draw, augmentation = hardened(config.draw, config.augmentation)
    distillation = config.distillation
    if (teacher := distillation.teacher) is not None:
        its_draw, its_augmentation = hardened(teacher.draw, teacher.augmentation)
        taught = replace(teacher, draw=its_draw, augmentation=its_augmentation)
        distillation = replace(distillation, teacher=taught)
    return replace(config, draw=draw, augmentation=augmentation, distillation=distillation)


def _draw(phrases: int) -> Draw:
    clips = max(400, round(1000 / math.sqrt(phrases)))
    return Draw(clips_per_word=clips, unknown=4000 / (clips * phrases), silence=300 / (clips * phrases))


def _taught_by(config: TrainConfig) -> Distillation:
    """Return the distillation with a teacher, if there is one, that trains on the same kind of clips."""
    teacher = config.distillation.teacher
    if teacher is None:
        return config.distillation
    features = replace(config.feature_augmentation, masks=teacher.feature_augmentation.masks)
    taught = replace(
        teacher,
        kind="tc-resnet",  # of phrases, the other kind has not been measured
        widths=(48, 64, 96, 128),
        epochs=20,
        epochs_per_draw=1,
        draw=config.draw,
        augmentation=config.augmentation,
        feature_augmentation=features,
        gradual=True,  # else luck decides how soon it learns (docs/lab-notes.md)
    )
    return replace(config.distillation, teacher=taught)


def variant(config: TrainConfig, name: str, hidden: int | None = None) -> TrainConfig:
    """Return the configuration with another network: one of COMPRESSED, or any cell whole, dense and in floats.

    The number of epochs stays: a stage that a variant doesn't use adds its epochs to the stage before.
    hidden: units; None: those of `config`. Raises UsageError for an unknown name.
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
        return _dense(config, whole, quantized=config.stages.quantized)
    return _dense(config, replace(whole, kind=cast(Kind, name), piecewise=False), quantized=0)


def _dense(config: TrainConfig, cell: CellConfig, quantized: int) -> TrainConfig:
    """Return the configuration without the sparse stage, whose epochs go to the first."""
    stages = replace(config.stages, low_rank=config.stages.total - quantized, sparse=0, quantized=quantized)
    return replace(config, cell=cell, sparsity=replace(config.sparsity, density=1.0), stages=stages)
