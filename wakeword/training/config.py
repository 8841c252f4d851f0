"""The configuration of a training run. It needs no torch; nothing is configured anywhere else.

A field's type holds its allowed range (wakeword/ranges.py). docs/settings.md lists all fields.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

from wakeword.data.augment import Augmentation
from wakeword.errors import UsageError
from wakeword.model.convolution import MAX_BAND_STRIDE, MAX_CHANNELS, MAX_FRAMES, MAX_INPUTS, MAX_OUTPUTS, MAX_SUMS
from wakeword.model.file import MAX_FRAMES_PER_STEP, MAX_HIDDEN, MAX_LABELS, MAX_RANK
from wakeword.networks.config import CellConfig
from wakeword.quantization.config import Quantization
from wakeword.ranges import Amount, Count, Fraction, Number, Range

_SMALL = 64  # hidden units, of 2 KB: networks for which a lower threshold is worth its false accepts


@dataclass(frozen=True)
class Stages:
    """Epochs of the paper's three stages (section 3.2.1): low rank; sparse; fixed support, quantized."""

    low_rank: Number = 100
    sparse: Number = 100
    quantized: Number = 100

    @property
    def total(self) -> int:
        return self.low_rank + self.sparse + self.quantized

    @property
    def first_final(self) -> int:
        """The first epoch of the stage that the model is taken from: the quantized one; without it, all epochs."""
        return self.low_rank + self.sparse if self.quantized else 0

    def of(self, epoch: int) -> str:
        """Return the name of the stage of an epoch, which is counted from 0."""
        if epoch < self.low_rank:
            return "low rank"
        return "sparse" if epoch < self.low_rank + self.sparse else "quantized"

    def piecewise(self, epoch: int) -> float:
        """Return how piecewise linear the non-linearities are, 0 to 1: it rises over the first half of stage two.

        With piecewise-linear functions from the start, a network learns more slowly and less.
        """
        return min(1.0, max(0.0, (epoch - self.low_rank + 1) / (self.sparse / 2 + 1)))


@dataclass(frozen=True)
class Sparsity:
    """Iterative hard thresholding of the second stage (sparsify.py)."""

    density: Fraction = 0.43  # fraction of each low-rank factor that is kept
    projection_interval: Count = 15  # mini-batches between two projections, as in the paper's code


@dataclass(frozen=True)
class Optimization:
    """The optimizer and its schedule (optimizer.py)."""

    optimizer: Literal["adam", "momentum"] = "adam"  # AdamW, or SGD with a Nesterov momentum of 0.9
    batch_size: Count = 128
    learning_rate: Amount = 0.01  # at its highest
    weight_decay: Amount = 0.0  # of matrices
    gradient_norm: Amount = 1.0  # gradients are clipped to this norm
    ema_decay: Fraction = 0.0  # of the average of the last stage's weights, for each batch; that average is the model


@dataclass(frozen=True)
class Regularization:
    """Regularizers beside weight decay (regularize.py), and the loss against false accepts (losses.py)."""

    label_smoothing: Fraction = 0.0
    weight_drop: Annotated[float, Range(0, below=1)] = 0.0  # probability of an entry of U to be 0 in a batch
    activation_penalty: Amount = 0.0  # weight of the mean square of the states in the loss
    temporal_penalty: Amount = 0.0  # weight of the mean square of the change of the states in a step
    false_accept_loss: Amount = 0.0  # weight of the loss at the step of a negative that is most like a word


def unknown_for(negatives: float, clips: int, words: int) -> int:
    """Return the clips of `_unknown_` beside which each word has that many negatives for each of its own clips.

    A word's negatives are the clips of the other keywords and those of `_unknown_`. Five keywords or more are four
    negatives to each other.
    """
    return max(0, round((negatives - (words - 1)) * clips / words))


@dataclass(frozen=True)
class Draw:
    """The clips of an epoch (epochs.py)."""

    clips_per_word: Count | None = None  # of each word, rare words repeated. None: every clip once
    unknown: Amount = 0.10  # clips of other words, relative to the keyword clips
    silence: Amount = 0.10  # clips of silence, relative to the keyword clips
    running: Amount = 0.0  # clips of running speech and joined words, relative to the keyword clips
    negatives: Amount = 4.0  # of each word at least, relative to its clips; the other keywords' clips are among them
    least: Count = 1  # clips of an epoch; a draw of fewer is repeated

    def unknown_clips(self, clips: int, words: int) -> int:
        """Return the clips of other words to draw beside this many clips of keywords."""
        return max(round(self.unknown * clips), unknown_for(self.negatives, clips, words))


@dataclass(frozen=True)
class SpecAugment:
    """Masks over a clip's features: `count` times up to `bands` bands, and as often up to `frames` frames."""

    count: Number = 0
    bands: Number = 6
    frames: Number = 15


@dataclass(frozen=True)
class FeatureAugmentation:
    """Augmentation of the features in a batch (feature_augment.py)."""

    equalizer: Amount = 0.0  # standard deviation, in log2, of a random gain over the bands of each clip
    pace: Amount = 0.0  # standard deviation, in log2, of a random pace along half of the clips
    tract: Amount = 0.0  # standard deviation, in bands, of how far the middle band of the same clips is moved
    masks: SpecAugment = field(default_factory=SpecAugment)


@dataclass(frozen=True)
class CarriedState:
    """Clips that begin in the state in which another clip ended (carried_state.py)."""

    carry_probability: Fraction = 0.5  # of a clip to begin in another clip's state
    jitter_steps: Number = 0  # the state is taken up to this many steps before the other clip's end
    from_silence: Fraction = 0.0  # fraction of carried states taken from silent clips; 0 = as drawn


# Strong augmentation: a large network with few clips of a word would learn them by heart.
_STRONG = Augmentation(
    noise_probability=0.7, snr_db=(0, 30), speed_probability=0.6, speed=(0.85, 1.18), gain_db=(-12, 6)
)


@dataclass(frozen=True)
class TeacherConfig:
    """A teacher and its training (distillation.py)."""

    kind: Literal["resnet", "tc-resnet"] = "resnet"
    widths: tuple[Count, ...] = (24, 48, 96)  # channels of the first convolution and of the blocks
    epochs: Count = 60
    epochs_per_draw: Count = 3  # as in TrainConfig
    batch_size: Count = 100
    learning_rate: Amount = 3e-3
    weight_decay: Amount = 0.02
    label_smoothing: Fraction = 0.05
    mixup: Amount = 0.3  # alpha of the Beta distribution by which two clips are mixed (Zhang et al. 2018)
    draw: Draw = field(default_factory=lambda: Draw(clips_per_word=450, unknown=0.6, silence=0.08))
    augmentation: Augmentation = _STRONG
    feature_augmentation: FeatureAugmentation = field(
        default_factory=lambda: FeatureAugmentation(masks=SpecAugment(count=2))
    )
    gradual: bool = False  # whether masks and mixup come bit by bit (`in_epoch`), not from the first epoch on
    seed: Number = 0  # its own, so that networks of several seeds may learn from one teacher

    def in_epoch(self, epoch: int) -> TeacherConfig:
        """Return the settings of an epoch, counted from 0.

        If `gradual`, there are no masks and no mixup in the first third of the training, and half of the masks in the
        second. A short training with all of both calls every clip an unknown word for half of its epochs.
        """
        third = 3 * epoch // self.epochs
        if not self.gradual or third >= 2:
            return self
        features = self.feature_augmentation
        masks = replace(features.masks, count=(features.masks.count * third + 1) // 2)
        return replace(self, feature_augmentation=replace(features, masks=masks), mixup=self.mixup if third else 0.0)


@dataclass(frozen=True)
class Distillation:
    """Learning from a teacher's posteriors (distillation.py)."""

    teacher: TeacherConfig | None = None
    teacher_weight: Fraction = 0.0  # weight of the teacher's posteriors in the targets, against the labels


@dataclass(frozen=True)
class Selection:
    """How the epoch that becomes the model, and its thresholds, are chosen."""

    validation_interval: Count = 1  # epochs from one validation to the next; the last epoch is always validated
    keep_last_epoch: bool = False  # instead of the one with the highest validation accuracy
    # Train on the validation clips, too, and keep the last epoch. For when validation has made every choice.
    include_validation: bool = False
    # Clips of other words, for one false accept of a word at its threshold; None: as the network's size asks.
    negatives_per_false_accept: Count | None = 100
    false_accepts_per_hour: Amount = 10.0  # of all words together, on recordings of negatives


@dataclass(frozen=True)
class TrainConfig:
    """All that decides a model beside its data."""

    cell: CellConfig = field(default_factory=CellConfig)
    stages: Stages = field(default_factory=Stages)
    sparsity: Sparsity = field(default_factory=Sparsity)
    quantization: Quantization = field(default_factory=Quantization)
    optimization: Optimization = field(default_factory=Optimization)
    regularization: Regularization = field(default_factory=Regularization)
    draw: Draw = field(default_factory=Draw)
    epochs_per_draw: Count = 1  # epochs that learn from the same draw, each in another order and with other masks
    augmentation: Augmentation = field(default_factory=Augmentation)
    feature_augmentation: FeatureAugmentation = field(default_factory=FeatureAugmentation)
    carried_state: CarriedState = field(default_factory=CarriedState)
    distillation: Distillation = field(default_factory=Distillation)
    selection: Selection = field(default_factory=Selection)
    seed: Number = 0

    def validates(self, epoch: int) -> bool:
        """Return whether an epoch, counted from 0, ends with a validation."""
        return (epoch + 1) % self.selection.validation_interval == 0 or epoch + 1 == self.stages.total

    def negatives_per_false_accept(self, hours: float) -> int:
        """Return the clips of other words for one false accept of a word at its threshold.

        With 1000 a network of 1 KB misses up to twice as many real clips of a phrase; with 300 one of 6 KB raises
        several false accepts an hour, unless recordings set its threshold, too.

        hours: of recordings of negatives. An hour tells more than the highest score of a thousand synthetic clips.
        """
        few = self.cell.hidden <= _SMALL or hours >= 1
        return self.selection.negatives_per_false_accept or (300 if few else 1500)


def check_integer_form(config: TrainConfig, labels: int = 1) -> None:
    """Raise UsageError if the model of a schedule with a quantized stage would not fit the integer engine."""
    cell = config.cell
    if not config.stages.quantized:
        return
    if cell.kind != "fastgrnn" or not cell.piecewise or cell.layers > 1:
        raise UsageError(
            "only a FastGRNN of one layer with piecewise-linear non-linearities runs in integers; set quantized=0"
        )
    sizes = {
        "hidden": (cell.hidden, MAX_HIDDEN),
        "rank_w": (cell.rank_w or cell.cell_inputs, MAX_RANK),  # a whole matrix has the rank of its columns
        "rank_u": (cell.rank_u or cell.hidden, MAX_RANK),
        "frames_per_step": (cell.frames_per_step, MAX_FRAMES_PER_STEP),
        "the number of labels": (labels, MAX_LABELS),
        **_convolution_sizes(cell),
    }
    for name, (size, largest) in sizes.items():
        if size > largest:
            raise UsageError(
                f"{name}: {size} is more than the {largest} of the integer engine; choose less, or set quantized=0"
            )


def _convolution_sizes(cell: CellConfig) -> dict[str, tuple[int, int]]:
    """Return the sizes of the convolution, by name, and the largest of the integer engine."""
    it = cell.convolution
    if it is None:
        return {}
    positions = it.positions(cell.mel_bands)
    return {
        "channels": (it.channels, MAX_CHANNELS),
        "outputs": (it.outputs, MAX_OUTPUTS),
        "frames": (it.frames, MAX_FRAMES),
        "bands": (it.bands, cell.mel_bands),
        "band_stride": (it.band_stride, MAX_BAND_STRIDE),
        f"channels at {positions} positions": (positions * it.channels, MAX_SUMS),
        f"outputs at {positions} positions": (positions * it.outputs, MAX_INPUTS),
    }
