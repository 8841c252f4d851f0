"""Training in the paper's three stages (section 3.2.1), from a data folder to a model.

The epoch that is kept is the one of the third stage with the best validation accuracy, computed in the integer
arithmetic, or the last. All randomness follows from the seed and the epoch's number: a run that was killed goes on from
its checkpoint to the same model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from wakeword.data.keywords import KeywordSet
from wakeword.evaluation.accuracy import Evaluation, confusion_matrix, evaluate_examples
from wakeword.evaluation.thresholds import calibrate_by_clips
from wakeword.files import write_whole
from wakeword.model.export_c import HEADER, export_c
from wakeword.model.file import DetectorSettings, Model, write_model
from wakeword.networks.keyword_net import KeywordNet, evidence_after, evidence_at
from wakeword.networks.tc_resnet import Teacher
from wakeword.quantization.config import Quantization
from wakeword.quantization.fake_quant import Formats, to_model
from wakeword.quantization.quantizers import formats_of, quantised_net
from wakeword.training.carried_state import Left, after_silence, carried, leave
from wakeword.training.checkpoint import as_bytes, read_checkpoint, write_checkpoint
from wakeword.training.config import TrainConfig
from wakeword.training.corpus import Corpus, as_log2
from wakeword.training.distillation import make_teacher, posteriors, to_labels
from wakeword.training.epochs import Epoch, ahead, make_epoch
from wakeword.training.feature_augment import random_equalizer, spec_augment
from wakeword.training.losses import false_alarm
from wakeword.training.optimizer import follow, learning_rate, make_optimizer
from wakeword.training.progress import EpochResult, TerminalProgress
from wakeword.training.regularize import dropped, penalty
from wakeword.training.report import write_report
from wakeword.training.sparsify import Supports
from wakeword.training.validation import clip_accuracy, clip_labels, on_cpu

CPU = torch.device("cpu")
_FORMAT_CLIPS = 1000  # training clips that the Q-formats are chosen on
_NORMALISATION_CLIPS = 400  # of each word, where an epoch takes all


@dataclass(frozen=True)
class Batches:
    """An epoch's clips as the network learns from them, in random order."""

    features: Tensor  # (n, T, D) in log2
    labels: Tensor  # (n, K), the probabilities that are to come out


@dataclass
class Run:
    """A run's whole state between two epochs; what a checkpoint holds."""

    net: KeywordNet
    average: KeywordNet  # of the network's weights over the batches of the last stage
    optimizer: torch.optim.Optimizer
    supports: Supports
    formats: Formats | None = None
    next_epoch: int = 0
    history: list[EpochResult] = field(default_factory=list)
    best: dict[str, Tensor] | None = None
    best_accuracy: float = -1.0


def train(
    config: TrainConfig,
    corpus: Corpus,
    out: Path,
    *,
    teacher_file: Path | None = None,
    resume: bool = True,
    progress: TerminalProgress | None = None,
    device: torch.device = CPU,
) -> Evaluation:
    """Train a model and write it to `out`; report, C header, checkpoint and teacher go to the folder beside it.

    Networks learn on `device`; what is drawn at random, and validation, is on the CPU.
    The teacher goes to `teacher_file` where that is given, or is taken from there: several runs may share one.

    A network that has no integer form (a schedule without a quantised stage) leaves no model: its weights alone, in
    `float.pt` in that folder. Returns the evaluation on the validation clips. Raises WakewordError for data that can't
    be used, or where nothing can be written.
    """
    torch.set_num_threads(1)  # features are made on another core; small products gain nothing by a second
    progress = progress or TerminalProgress()
    folder = out.with_suffix(".training")
    teacher = None
    if config.teacher is not None:
        teacher = make_teacher(
            config,
            corpus,
            teacher_file or folder / "teacher.pt",
            progress,
            shared=teacher_file is not None,
            resume=resume,
            device=device,
        )
    checkpoint, fingerprint = folder / "checkpoint.pt", _fingerprint(config, corpus)
    run = _new_run(config, corpus, device)
    content = read_checkpoint(checkpoint, fingerprint) if resume else None
    if content is not None:
        _restore(run, content)
    progress.begin(config.stages.of, config.stages.total, len(corpus.training), run.next_epoch)
    try:
        for batches in _batches(config, corpus, teacher, run.next_epoch):
            result = _train_epoch(run, batches, config, corpus, progress)
            run.history.append(result)
            run.next_epoch += 1
            write_checkpoint(checkpoint, fingerprint, _content(run))
            progress.epoch(result)
    finally:
        progress.end()
    assert run.best is not None
    run.net.cpu().load_state_dict(run.best)
    if run.formats is not None:
        model, evaluation = _finish(run, config, corpus, out.stem)
        write_model(model, out, corpus.front_end.id)
        write_report(folder / "report.html", out.stem, model, run.history, evaluation)
        write_whole(folder / HEADER, export_c(model).encode())
    else:
        evaluation = _finish_in_floats(run, config, corpus, out.stem)
    write_whole(folder / "float.pt", as_bytes({"net": run.net.state_dict(), "config": asdict(config.cell)}))
    checkpoint.unlink(missing_ok=True)
    return evaluation


def _new_run(config: TrainConfig, corpus: Corpus, device: torch.device) -> Run:
    # A draw that training never sees gives the normalisation; of many clips, some of each word are enough for it.
    draws = config
    if config.clips_per_word is None and len(corpus.training) > _NORMALISATION_CLIPS * len(corpus.keywords.labels):
        draws = replace(config, clips_per_word=_NORMALISATION_CLIPS)
    sample = as_log2(_draw(draws, corpus, config.stages.total).features)
    mean, deviation = sample.mean(dim=(0, 1)), sample.std(dim=(0, 1)).clamp(min=1)
    torch.manual_seed(config.seed)
    net = KeywordNet(config.cell, len(corpus.keywords.labels), mean, deviation).to(device)
    return Run(net, deepcopy(net), make_optimizer(net, config), Supports(net, config.density))


def _draw(config: TrainConfig, corpus: Corpus, number: int) -> Epoch:
    labels, noises = corpus.keywords.labels, corpus.noises
    return make_epoch(corpus.training, labels, noises, config, number, corpus.front_end, corpus.rooms, corpus.kinds)


def _batches(config: TrainConfig, corpus: Corpus, teacher: Teacher | None, first: int) -> Iterator[Batches]:
    """The epochs from `first` on: augmented clips and what is to come out for them, `config.reuse` epochs of each."""

    def prepare(draw: int) -> Batches:
        epoch = _draw(config, corpus, draw)
        features = as_log2(epoch.features)
        labels = functional.one_hot(torch.from_numpy(epoch.labels), len(corpus.keywords.labels)).float()
        if teacher is not None:
            taught = to_labels(posteriors(teacher, features), corpus.keywords)
            labels = torch.lerp(labels, taught, config.distillation)
        return Batches(features, labels)

    draws = -(-config.stages.total // config.reuse)
    for draw, batches in enumerate(ahead(prepare, first // config.reuse, draws), start=first // config.reuse):
        for number in range(max(first, draw * config.reuse), min((draw + 1) * config.reuse, config.stages.total)):
            order = torch.from_numpy(np.random.default_rng([config.seed, number]).permutation(len(batches.labels)))
            yield Batches(batches.features[order], batches.labels[order])


def _train_epoch(
    run: Run, data: Batches, config: TrainConfig, corpus: Corpus, progress: TerminalProgress
) -> EpochResult:
    quantization = Quantization(config.quantizer, config.slope)
    number, stage = run.next_epoch, config.stages.of(run.next_epoch)
    for net in (run.net, run.average):
        net.cell.piecewise = config.stages.piecewise(number) * config.cell.piecewise
    if stage == "quantised" and run.formats is None:
        run.supports.project()
        run.formats = formats_of(
            Quantization(config.quantizer, config.slope), run.net, data.features[:_FORMAT_CLIPS].to(run.net.mean.device)
        )
    generator = torch.Generator().manual_seed(config.seed * 100_003 + number)
    network = quantised_net(quantization, run.net, run.formats, generator) if run.formats else run.net
    # Where the state is more than h, that of another clip is not at hand: such a cell always begins anew.
    carry = config.carry_probability if run.net.cell.state_size == config.cell.hidden else 0.0
    device, count = run.net.mean.device, max(1, len(data.labels) // config.batch_size)
    first_word = len(corpus.keywords.labels) - len(corpus.keywords.words)
    left: Left | None = None  # what clips of the last batch have left
    total = 0.0
    for batch in range(count):
        rows = slice(batch * config.batch_size, (batch + 1) * config.batch_size)
        rate = learning_rate(config.learning_rate, number + batch / count, config.stages.total)
        for group in run.optimizer.param_groups:
            group["lr"] = rate
        features = random_equalizer(data.features[rows].to(device), config.channel, generator)
        features = spec_augment(features, run.net.mean, config.masks, generator)
        labels = data.labels[rows].to(device)
        hidden, evidence = carried(left, len(features), carry, generator)
        early = int(torch.randint(config.broken_off + 1, (), generator=generator))
        whole = config.cell.evidence or config.false_alarms or config.activation_penalty or config.temporal_penalty
        first = 0 if whole else max(0, features.shape[1] // config.cell.frames_per_step - early - 1)
        with dropped(run.net.cell.recurrent_matrices(), config.weight_drop, generator):
            states = network.states(features, hidden, first)
            logits = network.logits(states)
            loss = _loss(config, logits, evidence, labels, first_word)
            loss = loss + penalty(states, config.activation_penalty, config.temporal_penalty)
            run.optimizer.zero_grad()
            loss.backward()
        weights = after_silence(data.labels[rows], corpus.keywords, config.after_silence)
        left = leave(states, logits, config.cell.evidence, evidence, early, weights)
        torch.nn.utils.clip_grad_norm_(run.net.parameters(), config.gradient_norm)
        run.optimizer.step()
        if stage == "sparse" and batch % config.projection_interval == 0:
            run.supports.project()
        elif stage != "low rank":
            run.supports.apply()
        if number >= config.stages.first_final:
            past = (number - config.stages.first_final) * count + batch  # at first, the average is the network
            follow(run.average, run.net, min(config.average, past / (past + 10)))
        total += float(loss.detach())
        progress.step(number, (batch + 1) / count, total / (batch + 1))
    last = run.history[-1].accuracy if run.history else 0.0
    accuracy = _validate(run, config, corpus) if config.validates(number) else last
    return EpochResult(number, stage, total / count, accuracy)


def _loss(config: TrainConfig, logits: Tensor, before: Tensor | None, labels: Tensor, first_word: int) -> Tensor:
    """What the clips' last steps say against their labels and, if wanted, what else would raise a word."""
    outcome = evidence_after(logits, config.cell.evidence, before)
    loss = functional.cross_entropy(outcome, labels, label_smoothing=config.label_smoothing)
    if config.false_alarms:
        steps = evidence_at(logits, config.cell.evidence, before)
        loss = loss + config.false_alarms * false_alarm(steps, labels, first_word, config.cell.frames_per_step)
    return loss


def _validate(run: Run, config: TrainConfig, corpus: Corpus) -> float:
    """Validation accuracy: of the integers in the third stage, else of floats.

    The best epoch is remembered: of the third stage, or of all where there is none; or, if wanted, the last.
    """
    final = run.formats is not None or not config.stages.quantised
    net = on_cpu(run.average if final else run.net)
    network = quantised_net(Quantization(config.quantizer, config.slope), net, run.formats) if run.formats else net
    accuracy = clip_accuracy(network, corpus.features, corpus.validation.labels)
    if final and (accuracy >= run.best_accuracy or config.last or config.include_validation):
        run.best_accuracy = accuracy
        run.best = {name: value.clone() for name, value in net.state_dict().items()}
    return accuracy


def _bundle(run: Run, config: TrainConfig, keywords: KeywordSet, provenance: dict[str, Any]) -> Model:
    assert run.formats is not None
    first_word = len(keywords.labels) - len(keywords.words)
    settings = DetectorSettings(thresholds=(0,) * first_word + (1 << 14,) * len(keywords.words))
    network = quantised_net(Quantization(config.quantizer, config.slope), run.net, run.formats)
    return to_model(network, keywords.labels, first_word, settings, provenance)


def _finish(run: Run, config: TrainConfig, corpus: Corpus, name: str) -> tuple[Model, Evaluation]:
    """The best epoch as a model with calibrated thresholds, and its evaluation on the validation clips."""
    provenance = {
        "keywords": corpus.keywords.name,
        "config": asdict(config),
        "training_clips": len(corpus.training),
        **corpus.provenance,
    }
    if not config.include_validation:  # figures of clips that were trained on would say nothing
        accuracies = (run.best_accuracy, clip_accuracy(run.net, corpus.features, corpus.validation.labels))
        provenance |= dict(zip(("validation_accuracy", "float_validation_accuracy"), accuracies, strict=True))
    model = calibrate_by_clips(
        _bundle(run, config, corpus.keywords, provenance),
        corpus.calibration,
        front_end=corpus.front_end,
        negatives_per_false_accept=config.foreign_clips,
    )
    engine, split = corpus.front_end.engine(model), _split(config)
    return model, evaluate_examples(model, corpus.validation, corpus.keywords, split=split, engine=engine, name=name)


def _finish_in_floats(run: Run, config: TrainConfig, corpus: Corpus, name: str) -> Evaluation:
    """What the float network of the best epoch says of the validation clips."""
    labels, keywords = corpus.keywords.labels, corpus.keywords.words
    found = clip_labels(run.net, corpus.features)
    confusion = confusion_matrix(corpus.validation.labels, found, len(labels))
    return Evaluation(name, labels, keywords, _split(config), "float", confusion)


def _split(config: TrainConfig) -> str:
    return "validation, trained on as well" if config.include_validation else "validation"


def _fingerprint(config: TrainConfig, corpus: Corpus) -> str:
    """Tells one run from another: a checkpoint is resumed only by the run that wrote it."""
    names = "\n".join([*corpus.training.names, *corpus.validation.names])
    return hashlib.sha256(f"{config}{corpus.keywords}{names}".encode()).hexdigest()


def _content(run: Run) -> dict[str, Any]:
    return {
        "net": run.net.state_dict(),
        "average": run.average.state_dict(),
        "optimizer": run.optimizer.state_dict(),
        "masks": run.supports.masks,
        "formats": run.formats and asdict(run.formats),
        "next_epoch": run.next_epoch,
        "history": [asdict(result) for result in run.history],
        "best": run.best,
        "best_accuracy": run.best_accuracy,
    }


def _restore(run: Run, content: dict[str, Any]) -> None:
    run.net.load_state_dict(content["net"])
    run.average.load_state_dict(content["average"])
    run.optimizer.load_state_dict(content["optimizer"])
    run.supports.masks = [mask.to(run.net.mean.device) for mask in content["masks"]]
    run.formats = content["formats"] and Formats(**content["formats"])
    run.next_epoch = content["next_epoch"]
    run.history = [EpochResult(**result) for result in content["history"]]
    run.best, run.best_accuracy = content["best"], content["best_accuracy"]
