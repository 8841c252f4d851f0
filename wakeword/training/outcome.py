"""The outcome of a training run: the best epoch as a model with thresholds, its evaluation, a report and a C header."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from featurizer import SAMPLE_RATE
from wakeword.evaluation.accuracy import Evaluation, confusion_matrix, evaluate_examples
from wakeword.evaluation.det import SECONDS_AN_HOUR
from wakeword.evaluation.thresholds import calibrate_by_clips, raise_by_stream
from wakeword.evaluation.word_figures import word_figures
from wakeword.files import write_whole
from wakeword.model.export_c import export_c, header_of
from wakeword.model.file import DetectorSettings, Model, write_model
from wakeword.quantization.fake_quant import Formats, to_model
from wakeword.quantization.quantizers import quantized_net
from wakeword.training.checkpoint import as_bytes
from wakeword.training.report import write_report
from wakeword.training.trainer import Trainer
from wakeword.training.validation import clip_accuracy, clip_labels


def write_outcome(trainer: Trainer, out: Path) -> Evaluation:
    """Write the model of a finished run to `out`, and all else to the folder beside it.

    Returns the evaluation on the validation clips. Raises WakewordError if a file can't be written.
    """
    assert trainer.best is not None
    trainer.net.cpu().load_state_dict(trainer.best)
    folder, front_end = out.with_suffix(".training"), trainer.corpus.front_end
    if trainer.formats is None:
        evaluation = _float_evaluation(trainer, out.stem)
    else:
        model = _calibrated(trainer, trainer.formats)
        figures = word_figures(model, trainer.corpus.calibration, front_end=front_end)
        evaluation = replace(_evaluation(trainer, model, out.stem), words=figures)
        write_model(model, out, front_end.id)
        write_report(folder / "report.html", out.stem, model, trainer.history, evaluation)
        write_whole(folder / header_of(), export_c(model).encode())
    weights = {"net": trainer.net.state_dict(), "config": asdict(trainer.config.cell)}
    write_whole(folder / "float.pt", as_bytes(weights))
    return evaluation


def _calibrated(trainer: Trainer, formats: Formats) -> Model:
    """Return the model with thresholds chosen on the calibration clips."""
    config, corpus, keywords = trainer.config, trainer.corpus, trainer.corpus.keywords
    thresholds = (0,) * keywords.first_word + (1 << 14,) * len(keywords.words)  # any, to be replaced
    network = quantized_net(config.quantization, trainer.net, formats)
    seconds = sum(map(len, corpus.negatives)) / SAMPLE_RATE
    settings = DetectorSettings(thresholds=thresholds)
    model = calibrate_by_clips(
        to_model(network, keywords.labels, keywords.first_word, settings, _provenance(trainer)),
        corpus.calibration,
        front_end=corpus.front_end,
        negatives_per_false_accept=config.negatives_per_false_accept(seconds / SECONDS_AN_HOUR),
    )
    for stream in corpus.negatives:
        model = raise_by_stream(model, stream, config.selection.false_accepts_per_hour, corpus.front_end)
    return model


def _provenance(trainer: Trainer) -> dict[str, Any]:
    config, corpus = trainer.config, trainer.corpus
    provenance = {
        "keywords": corpus.keywords.name,
        "config": asdict(config),
        "training_clips": len(corpus.training),
        "clip_seconds": corpus.training.samples.shape[1] / SAMPLE_RATE,
        **corpus.provenance,
    }
    if not config.selection.include_validation:  # accuracy on clips that were trained on would mislead
        provenance["validation_accuracy"] = trainer.best_accuracy
        floats = clip_accuracy(trainer.net, corpus.features, corpus.validation.labels)
        provenance["float_validation_accuracy"] = floats
    return provenance


def _evaluation(trainer: Trainer, model: Model, name: str) -> Evaluation:
    """Evaluate the model on the validation clips, by the integer engine."""
    corpus, engine = trainer.corpus, trainer.corpus.front_end.engine(model)
    split = _split(trainer)
    return evaluate_examples(model, corpus.validation, corpus.keywords, split=split, engine=engine, name=name)


def _float_evaluation(trainer: Trainer, name: str) -> Evaluation:
    """Evaluate the float network on the validation clips."""
    corpus, keywords = trainer.corpus, trainer.corpus.keywords
    found = clip_labels(trainer.net, corpus.features)
    confusion = confusion_matrix(corpus.validation.labels, found, len(keywords.labels))
    return Evaluation(name, keywords.labels, keywords.words, _split(trainer), "float", confusion)


def _split(trainer: Trainer) -> str:
    trained_on = trainer.config.selection.include_validation
    return "validation, trained on as well" if trained_on else trainer.corpus.validated_on
