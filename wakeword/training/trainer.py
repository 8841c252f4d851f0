"""A training run of the network: its state between two epochs, and how one epoch changes it.

All randomness follows from the seed and the epoch's number, so that a resumed run gives the same model as an unbroken
one. Random numbers, and validation, are on the CPU; the network learns on any device.

Shapes: B clips, T frames, N steps, D bands, H hidden units, K labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from wakeword.networks.keyword_net import KeywordNet, evidence_after, evidence_at
from wakeword.networks.teacher import Teacher
from wakeword.quantization.fake_quant import Formats, QuantizedNet
from wakeword.quantization.quantizers import formats_of, quantized_net
from wakeword.training.carried_state import SavedStates, sample, save, silence_weights
from wakeword.training.config import TrainConfig
from wakeword.training.corpus import Corpus, as_log2
from wakeword.training.distillation import posteriors, to_labels
from wakeword.training.epochs import Epoch, make_epoch, normalization, shared_draws
from wakeword.training.feature_augment import augment_features
from wakeword.training.losses import false_accept_loss
from wakeword.training.optimizer import learning_rate, make_optimizer, set_learning_rate, update_average
from wakeword.training.progress import EpochResult
from wakeword.training.regularize import dropped, penalty
from wakeword.training.sparsify import Masks
from wakeword.training.validation import ClipErrors, clip_errors, clip_labels, on_cpu

Network = KeywordNet | QuantizedNet
Report = Callable[[float, float], None]  # takes the fraction of the epoch that is done, and the mean loss so far

_FORMAT_CLIPS = 1000  # training clips on which the Q-formats are chosen
_NORMALIZATION_CLIPS = 400  # of each word, if an epoch takes all


@dataclass(frozen=True)
class Batches:
    """The clips of an epoch in random order."""

    features: Tensor  # (n, T, D) in log2
    targets: Tensor  # (n, K), probabilities of the labels

    def count(self, size: int) -> int:
        """Return the number of whole batches, at least one."""
        return max(1, len(self.targets) // size)

    def batch(self, number: int, size: int) -> tuple[Tensor, Tensor]:
        """Return the features (B, T, D) and the targets (B, K) of a batch."""
        rows = slice(number * size, (number + 1) * size)
        return self.features[rows], self.targets[rows]


class Trainer:
    """A training run between two epochs."""

    def __init__(self, config: TrainConfig, corpus: Corpus, device: torch.device) -> None:
        self.config, self.corpus = config, corpus
        mean, deviation = normalization(_normalization_epoch(config, corpus))
        torch.manual_seed(config.seed)
        self.net = KeywordNet(config.cell, len(corpus.keywords.labels), mean, deviation).to(device)
        self.average = deepcopy(self.net)  # of the network's weights over the batches of the last stage
        self.optimizer = make_optimizer(self.net, config.optimization)
        self.masks = Masks(self.net, config.sparsity.density)
        self.formats: Formats | None = None  # from the quantized stage on
        self.next_epoch = 0
        self.history: list[EpochResult] = []
        self.best: dict[str, Tensor] | None = None  # the weights of the epoch that becomes the model
        self.best_accuracy = -1.0

    def epochs(self, teacher: Teacher | None) -> Iterator[Batches]:
        """Yield the data of each epoch that is left. Several epochs in a row may share a draw of clips."""
        config, numbers = self.config, range(self.next_epoch, self.config.stages.total)
        draws = shared_draws(lambda draw: self._draw(draw, teacher), numbers, config.epochs_per_draw)
        for number, data in zip(numbers, draws, strict=True):
            order = torch.from_numpy(np.random.default_rng([config.seed, number]).permutation(len(data.targets)))
            yield Batches(data.features[order], data.targets[order])

    def _draw(self, number: int, teacher: Teacher | None) -> Batches:
        """Return augmented clips, with targets between the labels and the teacher's posteriors."""
        epoch, keywords = make_epoch(self.corpus, self.config, number), self.corpus.keywords
        features = as_log2(epoch.features)
        targets = functional.one_hot(torch.from_numpy(epoch.labels), len(keywords.labels)).float()
        if teacher is not None:
            taught = to_labels(posteriors(teacher, features), keywords)
            targets = torch.lerp(targets, taught, self.config.distillation.teacher_weight)
        return Batches(features, targets)

    def train_epoch(self, data: Batches, report: Report = lambda done, loss: None) -> EpochResult:
        """Train an epoch, validate if its number asks for it, and add the result to the history."""
        config, number = self.config, self.next_epoch
        size, peak = config.optimization.batch_size, config.optimization.learning_rate
        batches, total = data.count(size), 0.0
        generator = torch.Generator().manual_seed(config.seed * 100_003 + number)
        network = self._network(data, generator)
        saved: SavedStates | None = None  # by the last batch, for the next one
        self.net.learns(self.formats is None)
        for batch in range(batches):
            set_learning_rate(self.optimizer, learning_rate(peak, number + batch / batches, config.stages.total))
            loss, saved = self._train_batch(network, data.batch(batch, size), saved, generator)
            self._sparsify(batch)
            self._update_average((number - config.stages.first_final) * batches + batch)
            total += loss
            report((batch + 1) / batches, total / (batch + 1))

        self.net.learns(False)
        latest: EpochResult | ClipErrors | None = self.history[-1] if self.history else None
        if config.validates(number):
            latest = self._validate()
        accuracy, missed, false = (latest.accuracy, latest.missed, latest.false_accepts) if latest else (None,) * 3
        result = EpochResult(number, config.stages.of(number), total / batches, accuracy, missed, false)
        self.history.append(result)
        self.next_epoch += 1
        return result

    def _network(self, data: Batches, generator: torch.Generator) -> Network:
        """Return the network as the next epoch trains it. The first quantized epoch chooses masks and formats."""
        stages, quantization = self.config.stages, self.config.quantization
        for net in (self.net, self.average):
            net.cell.piecewise = stages.piecewise(self.next_epoch) * self.config.cell.piecewise
        if stages.of(self.next_epoch) == "quantized" and self.formats is None:
            self.masks.project()
            if self.net.convolution is not None:
                self.net.convolution.fold()
            self.formats = formats_of(quantization, self.net, data.features[:_FORMAT_CLIPS].to(self._device))
        return quantized_net(quantization, self.net, self.formats, generator) if self.formats else self.net

    def _train_batch(
        self, network: Network, batch: tuple[Tensor, Tensor], saved: SavedStates | None, generator: torch.Generator
    ) -> tuple[float, SavedStates]:
        """Take an optimizer step. Returns the loss, and the states for the next batch to start from."""
        config, evidence = self.config, self.config.cell.evidence
        features, targets = (part.to(self._device) for part in batch)
        features = augment_features(features, self.net.mean, config.feature_augmentation, generator)
        start = sample(saved, len(features), self._carry_probability, generator)
        jitter = int(torch.randint(config.carried_state.jitter_steps + 1, (), generator=generator))
        with dropped(self.net.cell.recurrent_matrices(), config.regularization.weight_drop, generator):
            states = network.states(features, start.states, self._first_step(features, jitter), start.continued)
            logits = network.logits(states)
            loss = self._loss(states, logits, start.evidence, targets)
            self.optimizer.zero_grad()
            loss.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), config.optimization.gradient_norm)
        self.optimizer.step()
        weights = silence_weights(batch[1], self.corpus.keywords, config.carried_state.from_silence)
        return float(loss.detach()), save(states, logits, evidence, start.evidence, jitter, weights)

    def _first_step(self, features: Tensor, jitter: int) -> int:
        """Return the first step whose state is needed: of all, or those at the end that are saved or classified."""
        cell, weights = self.config.cell, self.config.regularization
        if cell.evidence or weights.false_accept_loss or weights.activation_penalty or weights.temporal_penalty:
            return 0
        return max(0, features.shape[1] // cell.frames_per_step - jitter - 1)

    def _loss(self, states: Tensor, logits: Tensor, before: Tensor | None, targets: Tensor) -> Tensor:
        """Return the cross-entropy at the clips' last steps, and the other terms that have a weight.

        states: (B, N, H). logits: (B, N, K). before: evidence that the clips start from, (B, K). targets: (B, K).
        """
        cell, weights = self.config.cell, self.config.regularization
        outcome = evidence_after(logits, cell.evidence, before)
        loss = functional.cross_entropy(outcome, targets, label_smoothing=weights.label_smoothing)
        if weights.false_accept_loss:
            steps, first_word = evidence_at(logits, cell.evidence, before), self.corpus.keywords.first_word
            false_accepts = false_accept_loss(steps, targets, first_word, cell.frames_per_step)
            loss = loss + weights.false_accept_loss * false_accepts
        return loss + penalty(states, weights.activation_penalty, weights.temporal_penalty)

    def _sparsify(self, batch: int) -> None:
        """Apply the masks after an optimizer step, or choose them anew at the interval of the sparse stage."""
        stage = self.config.stages.of(self.next_epoch)
        if stage == "sparse" and batch % self.config.sparsity.projection_interval == 0:
            self.masks.project()
        elif stage != "low rank":
            self.masks.apply()

    def _update_average(self, batch: int) -> None:
        """Update the average of the weights; `batch` counts from the start of the last stage. At first it follows."""
        if batch >= 0:
            update_average(self.average, self.net, min(self.config.optimization.ema_decay, batch / (batch + 10)))

    def _validate(self) -> ClipErrors:
        """Return the errors on the validation clips, and remember the weights if these are the best so far.

        In the quantized stage, it is that of the integers. Only the last stage counts; if the last epoch is to be
        kept, each validated epoch counts as better than those before.
        """
        selection, final = self.config.selection, self.formats is not None or not self.config.stages.quantized
        net = on_cpu(self.average if final else self.net)
        network = quantized_net(self.config.quantization, net, self.formats) if self.formats else net
        errors = clip_errors(clip_labels(network, self.corpus.features), self.corpus)
        accuracy = errors.accuracy
        last_counts = selection.keep_last_epoch or selection.include_validation
        if final and (accuracy >= self.best_accuracy or last_counts):
            self.best_accuracy = accuracy
            self.best = {name: value.clone() for name, value in net.state_dict().items()}
        return errors

    def state_dict(self) -> dict[str, Any]:
        """Return all that `load_state_dict` needs to go on to the same bits."""
        return {
            "net": self.net.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "masks": self.masks.masks,
            "formats": self.formats and asdict(self.formats),
            "next_epoch": self.next_epoch,
            "history": [asdict(result) for result in self.history],
            "best": self.best,
            "best_accuracy": self.best_accuracy,
        }

    def load_state_dict(self, content: dict[str, Any]) -> None:
        """Go on from the state of a run with the same configuration and corpus."""
        self.net.load_state_dict(content["net"])
        self.average.load_state_dict(content["average"])
        self.optimizer.load_state_dict(content["optimizer"])
        self.masks.masks = [mask.to(self._device) for mask in content["masks"]]
        self.formats = content["formats"] and Formats.of(content["formats"])
        self.next_epoch = content["next_epoch"]
        self.history = [EpochResult(**result) for result in content["history"]]
        self.best, self.best_accuracy = content["best"], content["best_accuracy"]

    @property
    def _device(self) -> torch.device:
        return self.net.mean.device

    @property
    def _carry_probability(self) -> float:
        """0 for a cell that carries more than h, since only h is saved."""
        carries_h = self.net.cell.state_size == self.config.cell.hidden
        return self.config.carried_state.carry_probability if carries_h else 0.0


def _normalization_epoch(config: TrainConfig, corpus: Corpus) -> Epoch:
    """Draw an epoch that training never uses. If an epoch takes all clips, some of each word are enough."""
    draw = config.draw
    if draw.clips_per_word is None and len(corpus.training) > _NORMALIZATION_CLIPS * len(corpus.keywords.labels):
        draw = replace(draw, clips_per_word=_NORMALIZATION_CLIPS)
    return make_epoch(corpus, replace(config, draw=draw), config.stages.total)
