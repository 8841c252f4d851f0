"""What a training run is made of. A preset is a `TrainConfig`; nothing is configured anywhere else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal

from wakeword.data.augment import Augmentation
from wakeword.errors import WakewordError
from wakeword.networks.keyword_net import CellConfig
from wakeword.training.feature_augment import SpecAugment
from wakeword.training.teacher import TeacherConfig


@dataclass(frozen=True)
class Stages:
    """Epochs of the paper's three stages (section 3.2.1): low rank; sparse; fixed support, quantised."""

    low_rank: int = 100
    sparse: int = 100
    quantised: int = 100

    @property
    def total(self) -> int:
        return self.low_rank + self.sparse + self.quantised

    @property
    def first_final(self) -> int:
        """The first epoch of the stage that the model comes from: the quantised one, or without, any."""
        return self.low_rank + self.sparse if self.quantised else 0

    def of(self, epoch: int) -> str:
        """The name of the stage that an epoch, counted from 0, belongs to."""
        if epoch < self.low_rank:
            return "low rank"
        return "sparse" if epoch < self.low_rank + self.sparse else "quantised"

    def piecewise(self, epoch: int) -> float:
        """How piecewise-linear the non-linearities are in an epoch: from 0 to 1 over the first half of stage two.

        With piecewise-linear functions from the start a network learns more slowly and less.
        """
        return min(1.0, max(0.0, (epoch - self.low_rank + 1) / (self.sparse / 2 + 1)))


@dataclass(frozen=True)
class TrainConfig:
    """All that decides a model beside its data."""

    cell: CellConfig = field(default_factory=CellConfig)
    stages: Stages = field(default_factory=Stages)
    density: float = 0.43  # share of each low-rank factor that is left after the second stage
    projection_interval: int = 15  # mini-batches between two hard thresholdings (the paper's code has 15)
    batch_size: int = 128
    optimiser: Literal["adam", "momentum"] = "adam"  # AdamW, or SGD with a Nesterov momentum of 0.9
    learning_rate: float = 0.01
    weight_decay: float = 0.0  # of matrices
    label_smoothing: float = 0.0
    gradient_norm: float = 1.0  # gradients are clipped to this norm
    weight_drop: float = 0.0  # probability of an entry of U to be zero in a batch (regularize.py, as the next two)
    activation_penalty: float = 0.0  # weight of the mean square of the states in the loss
    temporal_penalty: float = 0.0  # weight of the mean square of what they change by in a step
    quantizer: Literal["int8", "int4", "ternary"] = "int8"  # of the third stage; with "ternary" the classifier is int8
    slope: float = 1.0  # of the ternary one: how much steeper the non-linearities are
    clips_per_word: int | None = None  # drawn of each word for an epoch, thin words repeated; None takes all once
    unknown: float = 0.10  # clips of other words drawn for an epoch, relative to its keyword clips
    silence: float = 0.10
    augmentation: Augmentation = field(default_factory=Augmentation)
    masks: SpecAugment = field(default_factory=SpecAugment)
    channel: float = 0.0  # deviation, in log2, of a gain over the bands that each clip is heard with (channel.py)
    reuse: int = 1  # epochs that learn from the same augmented clips, each in another order and with other masks
    carry_probability: float = 0.5  # of a clip to begin in the state that another clip has left
    broken_off: int = 0  # such a state is taken up to this many steps before the other clip's end
    foreign_clips: int = 100  # clips without a word for one false accept of it, where thresholds are set
    after_silence: float = 0.0  # share of the states that clips go on from which silence has left, 0 for as they come
    false_alarms: float = 0.0  # weight of the loss at the step of a wordless clip that is most like a word
    teacher: TeacherConfig | None = None
    distillation: float = 0.0  # weight of the teacher's posteriors against the labels, 0 to 1
    average: float = 0.0  # decay, for each batch, of an average of the last stage's weights, which then is the model
    last: bool = False  # keep the last epoch in place of the one with the highest validation accuracy
    validation_interval: int = 1  # epochs from one validation to the next; the last one of all is always validated
    # Once every choice has been made by validation: train on the validation clips too, and keep the last epoch.
    include_validation: bool = False
    seed: int = 0

    def validates(self, epoch: int) -> bool:
        """Whether an epoch, counted from 0, ends with a validation."""
        return (epoch + 1) % self.validation_interval == 0 or epoch + 1 == self.stages.total


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
        optimiser="momentum",
        learning_rate=0.02,  # with 0.1 the loss goes up for good after some twenty epochs
        augmentation=_NONE,
        reuse=300,  # of clips that nothing is done to, one draw is enough
        carry_probability=0.0,
    ),
    # A first look within minutes.
    "small": TrainConfig(cell=CellConfig(hidden=64, rank_w=12, rank_u=16), stages=Stages(15, 10, 15)),
    # What made the shipped model; docs/results.md says what was tried.
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
    """The configuration with a network of one of `SIZES`, in four bits. Raises WakewordError for another."""
    if size not in SIZES:
        raise WakewordError(f"there is no network of {size} kilobytes; choose one of {', '.join(SIZES)}")
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
    """The preset of that name. Raises WakewordError for an unknown name."""
    if name not in PRESETS:
        raise WakewordError(f"there is no preset {name!r}; choose one of {', '.join(PRESETS)}")
    return replace(PRESETS[name], seed=seed, include_validation=include_validation)
