"""Training in the paper's three stages (section 3.2.1), from a data folder to a bundle.

The epoch that is kept is the one of the third stage with the best validation accuracy, measured by the integer
engine. All randomness follows from the seed and the epoch's number: a run that was killed goes on from its
checkpoint to the same model.
"""

from __future__ import annotations

import hashlib
import io
import math
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from featurizer import FEATURE_BITS
from wakeword.batches import Epoch, epochs, make_epoch
from wakeword.bundle import Bundle, DetectorSettings, save_bundle, write_whole
from wakeword.calibrate import calibrate
from wakeword.dataset import UNKNOWN, Examples, KeywordSet, background_noise, join, load_examples
from wakeword.errors import WakewordError
from wakeword.evaluate import RECIPE_SHARE, Evaluation, evaluate_examples
from wakeword.model import KeywordNet
from wakeword.presets import TrainConfig
from wakeword.progress import EpochResult, TerminalProgress
from wakeword.quantize import Formats, QuantisedNet, choose_formats, to_bundle
from wakeword.report import write_report
from wakeword.sparsify import Supports
from wakeword.stream import batch_features

_FORMAT_CLIPS = 1000  # training clips that the Q-formats are chosen on


@dataclass(frozen=True)
class Corpus:
    """What a run learns from and is chosen by."""

    keywords: KeywordSet
    training: Examples
    validation: Examples  # by the recipe: 10 % unknown words, 10 % silence
    calibration: Examples  # the validation clips with all their unknown words
    noises: list[np.ndarray]


@dataclass
class Run:
    """A run's whole state between two epochs; what a checkpoint holds."""

    net: KeywordNet
    optimiser: torch.optim.Optimizer
    supports: Supports
    formats: Formats | None = None
    next_epoch: int = 0
    history: list[EpochResult] = field(default_factory=list)
    best: dict[str, Tensor] | None = None
    best_accuracy: float = -1.0


def load_corpus(config: TrainConfig, keywords: KeywordSet, data: Path, extra: Path | None) -> Corpus:
    """Read the clips of a data folder, and those of `extra` as more training clips. Raises WakewordError."""
    training = load_examples(data, keywords, "training", seed=config.seed)
    validation = load_examples(data, keywords, "validation", seed=config.seed)
    if extra is not None:
        training = join(training, load_examples(extra, keywords, "all", silence=0, missing_ok=True))
    if config.include_validation:
        training = join(training, validation)
    return Corpus(keywords, training, _by_recipe(validation, keywords), validation, background_noise(data))


def _by_recipe(examples: Examples, keywords: KeywordSet) -> Examples:
    """The examples with unknown words drawn down to their usual share; one draw for every seed of training."""
    if not keywords.unknown:
        return examples
    unknown = keywords.labels.index(UNKNOWN)
    words = int(np.isin(examples.labels, [keywords.labels.index(word) for word in keywords.words]).sum())
    pool = np.flatnonzero(examples.labels == unknown)
    wanted = min(len(pool), math.ceil(RECIPE_SHARE * words))
    drawn = np.random.default_rng(0).choice(pool, wanted, replace=False)
    kept = np.sort(np.concatenate([np.flatnonzero(examples.labels != unknown), drawn]))
    return Examples(examples.samples[kept], examples.labels[kept], tuple(examples.names[i] for i in kept))


def train(
    config: TrainConfig,
    keywords: KeywordSet,
    data: Path,
    out: Path,
    *,
    extra: Path | None = None,
    resume: bool = True,
    progress: TerminalProgress | None = None,
) -> Evaluation:
    """Train a model and write its bundle to `out`, and its report and checkpoint to the folder beside it.

    Returns the bundle's evaluation on the validation clips. Raises WakewordError for data that can't be used, or
    where nothing can be written.
    """
    torch.set_num_threads(1)  # small products: a second thread costs more than it brings, features want the core
    progress = progress or TerminalProgress()
    corpus = load_corpus(config, keywords, data, extra)
    folder = out.with_suffix(".training")
    checkpoint, fingerprint = folder / "checkpoint.pt", _fingerprint(config, corpus)
    run = _new_run(config, corpus)
    if resume:
        _restore(run, checkpoint, fingerprint)
    progress.begin(config, len(corpus.training), run.next_epoch)
    try:
        for epoch in epochs(corpus.training, keywords.labels, corpus.noises, config, run.next_epoch):
            result = _train_epoch(run, epoch, config, corpus, progress)
            run.history.append(result)
            run.next_epoch += 1
            _save_checkpoint(run, checkpoint, fingerprint)
            progress.epoch(result)
    finally:
        progress.end()
    bundle, evaluation = _finish(run, config, corpus, out.stem)
    save_bundle(bundle, out)
    write_whole(folder / "float.pt", _bytes({"net": run.net.state_dict(), "config": asdict(config.cell)}))
    write_report(folder / "report.html", out.stem, bundle, run.history, evaluation)
    checkpoint.unlink(missing_ok=True)
    return evaluation


def _new_run(config: TrainConfig, corpus: Corpus) -> Run:
    torch.manual_seed(config.seed)
    # An epoch that training never sees gives the normalisation.
    sample = _as_log2(make_epoch(corpus.training, corpus.keywords.labels, corpus.noises, config, config.stages.total))
    mean, deviation = sample.mean(dim=(0, 1)), sample.std(dim=(0, 1)).clamp(min=1)
    net = KeywordNet(config.cell, len(corpus.keywords.labels), mean, deviation)
    optimiser = torch.optim.AdamW(net.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay)
    return Run(net, optimiser, Supports(net, config.density))


def _as_log2(epoch: Epoch) -> Tensor:
    return torch.from_numpy(epoch.features.astype(np.float32) * 2.0**-FEATURE_BITS)


def learning_rate(config: TrainConfig, progress: float) -> float:
    """The learning rate at a point of the run, 0 to 1: a short warm-up, then half a cosine."""
    warm_up = min(1.0, progress * config.stages.total / 2 + 0.05)
    return config.learning_rate * warm_up * (1 + math.cos(math.pi * progress)) / 2


def _train_epoch(
    run: Run, epoch: Epoch, config: TrainConfig, corpus: Corpus, progress: TerminalProgress
) -> EpochResult:
    number, stage = run.next_epoch, config.stages.of(run.next_epoch)
    features, labels = _as_log2(epoch), torch.from_numpy(epoch.labels)
    run.net.cell.piecewise = config.stages.piecewise(number) * config.cell.piecewise
    if stage == "quantised" and run.formats is None:
        run.supports.project()
        run.formats = choose_formats(run.net, features[:_FORMAT_CLIPS])
    quantised = QuantisedNet(run.net, run.formats) if run.formats else None
    generator = torch.Generator().manual_seed(config.seed * 100_003 + number)
    batches = max(1, len(labels) // config.batch_size)
    left: Tensor | None = None  # the states that the last batch ended in
    total = 0.0
    for batch in range(batches):
        rows = slice(batch * config.batch_size, (batch + 1) * config.batch_size)
        rate = learning_rate(config, (number + batch / batches) / config.stages.total)
        for group in run.optimiser.param_groups:
            group["lr"] = rate
        hidden = _carried(left, len(labels[rows]), config.carry_probability, generator)
        loss, left = _loss(run.net, quantised, features[rows], labels[rows], hidden, config)
        run.optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(run.net.parameters(), config.gradient_norm)
        run.optimiser.step()
        if stage == "sparse" and batch % config.projection_interval == 0:
            run.supports.project()
        elif stage != "low rank":
            run.supports.apply()
        total += float(loss.detach())
        progress.step(number, (batch + 1) / batches, total / (batch + 1))
    accuracy = _validate(run, config, corpus)
    return EpochResult(number, stage, total / batches, accuracy)


def _carried(left: Tensor | None, count: int, probability: float, generator: torch.Generator) -> Tensor | None:
    """Initial states: of each clip, with the given probability, the state that a clip of the last batch left.

    An endless stream has no reset: the network must name a word whatever it heard before.
    """
    if left is None or probability == 0:
        return None
    giver = torch.randint(len(left), (count,), generator=generator)
    keeps = torch.rand(count, 1, generator=generator) < probability
    return left[giver] * keeps


def _loss(
    net: KeywordNet,
    quantised: QuantisedNet | None,
    features: Tensor,
    labels: Tensor,
    hidden: Tensor | None,
    config: TrainConfig,
) -> tuple[Tensor, Tensor]:
    """Cross entropy at the last frame, and the states there."""
    last = (quantised or net).states(features, hidden)[:, -1]
    logits = quantised.logits(last) if quantised else net.head(last)
    loss = functional.cross_entropy(logits, labels, label_smoothing=config.label_smoothing)
    return loss, last.detach()


def _validate(run: Run, config: TrainConfig, corpus: Corpus) -> float:
    """Validation accuracy: of the integers in the third stage, where the best epoch is remembered, else of floats."""
    if run.formats is None:
        return float_accuracy(run.net, corpus.validation)
    bundle = _bundle(run, corpus.keywords, {})
    accuracy = evaluate_examples(bundle, corpus.validation, corpus.keywords, split="validation").accuracy
    if accuracy >= run.best_accuracy or config.include_validation:
        run.best_accuracy = accuracy
        run.best = {name: value.clone() for name, value in run.net.state_dict().items()}
    return accuracy


def float_accuracy(net: KeywordNet, examples: Examples) -> float:
    """Accuracy of a float model on clips, by the smoothed posteriors of their last frame as the engine has them."""
    features = torch.from_numpy(batch_features(examples.samples).astype(np.float32) * 2.0**-FEATURE_BITS)
    found = []
    with torch.no_grad():
        for part in features.split(512):
            average = torch.zeros(len(part), net.head.out_features)
            for posteriors in net.head(net.states(part)).softmax(dim=2).unbind(dim=1):
                average += (posteriors - average) * 2.0**-DetectorSettings.smoothing
            found.append(average.argmax(dim=1))
    return float((torch.cat(found).numpy() == examples.labels).mean())


def _bundle(run: Run, keywords: KeywordSet, provenance: dict[str, Any]) -> Bundle:
    assert run.formats is not None
    first_word = len(keywords.labels) - len(keywords.words)
    settings = DetectorSettings(thresholds=(0,) * first_word + (1 << 14,) * len(keywords.words))
    return to_bundle(QuantisedNet(run.net, run.formats), keywords.labels, first_word, settings, provenance)


def _finish(run: Run, config: TrainConfig, corpus: Corpus, name: str) -> tuple[Bundle, Evaluation]:
    """The best epoch as a bundle with calibrated thresholds, and its evaluation on the validation clips."""
    if run.best is None:
        raise WakewordError("the schedule has no epoch in the quantised stage, so there is no integer model")
    run.net.load_state_dict(run.best)
    provenance = {
        "keywords": corpus.keywords.name,
        "config": asdict(config),
        "training_clips": len(corpus.training),
    }
    split = "validation"
    if config.include_validation:
        split = "validation, trained on as well"
    else:  # figures of clips that were trained on would say nothing
        accuracies = (run.best_accuracy, float_accuracy(run.net, corpus.validation))
        provenance |= dict(zip(("validation_accuracy", "float_validation_accuracy"), accuracies, strict=True))
    bundle = calibrate(_bundle(run, corpus.keywords, provenance), corpus.calibration)
    return bundle, evaluate_examples(bundle, corpus.validation, corpus.keywords, split=split, name=name)


def _fingerprint(config: TrainConfig, corpus: Corpus) -> str:
    """Tells one run from another: a checkpoint is resumed only by the run that wrote it."""
    names = "\n".join([*corpus.training.names, *corpus.validation.names])
    return hashlib.sha256(f"{config}{corpus.keywords}{names}".encode()).hexdigest()


def _bytes(content: Any) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer)
    return buffer.getvalue()


def _save_checkpoint(run: Run, path: Path, fingerprint: str) -> None:
    content = {
        "fingerprint": fingerprint,
        "net": run.net.state_dict(),
        "optimiser": run.optimiser.state_dict(),
        "masks": run.supports.masks,
        "formats": run.formats and asdict(run.formats),
        "next_epoch": run.next_epoch,
        "history": [asdict(result) for result in run.history],
        "best": run.best,
        "best_accuracy": run.best_accuracy,
    }
    write_whole(path, _bytes(content))


def _restore(run: Run, path: Path, fingerprint: str) -> None:
    """Go on from a checkpoint of the same run; one of another run is left alone until it is overwritten."""
    if not path.is_file():
        return
    try:
        content = torch.load(path, weights_only=True)
    except Exception as error:  # torch has no exception of its own for a file that it can't read
        raise WakewordError(f"the checkpoint {path} can't be read; train with --fresh to begin anew") from error
    if content["fingerprint"] != fingerprint:
        return
    run.net.load_state_dict(content["net"])
    run.optimiser.load_state_dict(content["optimiser"])
    run.supports.masks = content["masks"]
    run.formats = content["formats"] and Formats(**content["formats"])
    run.next_epoch = content["next_epoch"]
    run.history = [EpochResult(**result) for result in content["history"]]
    run.best, run.best_accuracy = content["best"], content["best_accuracy"]


