"""The configuration of a training run. It needs no torch; nothing is configured anywhere else."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from wakeword.data.augment import Augmentation
from wakeword.networks.config import CellConfig

# Much of everything: a large network with few clips of a word has to be kept from learning them by heart.
_STRONG = Augmentation(
    noise_probability=0.7, snr_db=(0, 30), speed_probability=0.6, speed=(0.85, 1.18), gain_db=(-12, 6)
)


@dataclass(frozen=True)
class SpecAugment:
    """How much of a clip may be hidden: `count` times at most `bands` bands, and as often at most `frames` frames."""

    count: int = 0
    bands: int = 6
    frames: int = 15


@dataclass(frozen=True)
class TeacherConfig:
    """How a teacher is made and trained."""

    widths: tuple[int, ...] = (48, 64, 96, 128)  # channels of the first convolution and of each block
    epochs: int = 60
    batch_size: int = 100
    learning_rate: float = 3e-3
    weight_decay: float = 0.02
    label_smoothing: float = 0.05
    mixup: float = 0.3  # alpha of the Beta distribution that two clips are mixed by (Zhang et al. 2018)
    clips_per_word: int = 450
    unknown: float = 0.6  # clips of other words for an epoch, relative to its keyword clips
    silence: float = 0.08
    augmentation: Augmentation = _STRONG
    masks: SpecAugment = field(default_factory=lambda: SpecAugment(count=2))
    channel: float = 0.0  # deviation of the gain over the bands that clips are heard with (channel.py)
    seed: int = 0  # its own: networks of several seeds may learn from one teacher


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
    optimizer: Literal["adam", "momentum"] = "adam"  # AdamW, or SGD with a Nesterov momentum of 0.9
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
