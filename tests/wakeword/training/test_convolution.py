"""A training with convolutions in front of the cell learns, goes on after a break, and becomes a model that runs."""

from __future__ import annotations

from dataclasses import asdict, replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from tests.wakeword.tones import write_tones
from wakeword.data.keywords import keyword_set
from wakeword.evaluation.accuracy import evaluate_examples
from wakeword.model.file import Model, read_model
from wakeword.networks.config import CellConfig, ConvolutionConfig
from wakeword.quantization.config import Quantization
from wakeword.training.config import Draw, Optimization, Sparsity, Stages, TrainConfig
from wakeword.training.corpus import Corpus, load_corpus
from wakeword.training.progress import TerminalProgress
from wakeword.training.train import train
from wakeword.training.trained import load_trained

CONVOLUTION = ConvolutionConfig(channels=4, outputs=6)
CONFIG = TrainConfig(
    cell=CellConfig(inputs=128, frames_per_step=4, hidden=16, rank_w=6, rank_u=6, convolution=CONVOLUTION),
    stages=Stages(20, 1, 6),
    sparsity=Sparsity(density=1.0),
    quantization=Quantization("int4"),
    optimization=Optimization(batch_size=16, ema_decay=0.9),
    draw=Draw(unknown=0.5, silence=0.3),
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return load_corpus(CONFIG, keyword_set("low,high"), write_tones(tmp_path_factory.mktemp("tones")))


@pytest.fixture(scope="module")
def trained(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return learn(corpus, tmp_path_factory.mktemp("model") / "model.safetensors")


def learn(corpus: Corpus, out: Path, breaks_after: int | None = None) -> Path:
    """Train, or break off after an epoch."""

    class Progress(TerminalProgress):
        def epoch(self, result: object) -> None:
            if breaks_after is not None and result.epoch + 1 == breaks_after:  # type: ignore[attr-defined]
                raise KeyboardInterrupt

    train(CONFIG, corpus, out, progress=Progress(Console(file=StringIO())))
    return out


def arrays(model: Model) -> dict[str, np.ndarray]:
    assert model.convolution is not None
    every = asdict(model) | asdict(model.convolution)
    return {name: value for name, value in every.items() if isinstance(value, np.ndarray)}


def test_the_model_has_learned_and_runs_as_it_was_validated(trained: Path, corpus: Corpus) -> None:
    model = read_model(trained)
    assert model.convolution is not None
    assert (model.convolution.channels, model.convolution.outputs, model.frames_per_step) == (4, 6, 4)
    for engine in ("c", "numpy"):
        evaluation = evaluate_examples(model, corpus.validation, corpus.keywords, split="validation", engine=engine)
        assert evaluation.accuracy == model.provenance["validation_accuracy"] > 0.8
    assert abs(model.provenance["float_validation_accuracy"] - model.provenance["validation_accuracy"]) < 0.1


def test_the_float_network_is_loaded_with_its_convolutions(trained: Path, corpus: Corpus) -> None:
    loaded = load_trained(trained, corpus.keywords)
    assert loaded.net.config == CONFIG.cell
    found = loaded.labels(corpus.validation.samples)
    assert (found["float"] == found["integer"]).mean() > 0.9


def test_a_run_that_was_broken_off_goes_on_to_the_same_model(trained: Path, corpus: Corpus, tmp_path: Path) -> None:
    out = tmp_path / "broken.safetensors"
    for epoch in (3, 23):  # in floats, and in integers
        with pytest.raises(KeyboardInterrupt):
            learn(corpus, out, breaks_after=epoch)
    assert not out.exists()
    ours, whole = arrays(read_model(learn(corpus, out))), arrays(read_model(trained))
    assert ours.keys() == whole.keys() and "pointwise" in ours
    assert all(np.array_equal(ours[name], whole[name]) for name in whole)


def test_four_bits_take_fewer_bytes_in_the_convolutions_too(corpus: Corpus, tmp_path: Path) -> None:
    config = replace(CONFIG, stages=Stages(1, 0, 1), quantization=Quantization("int4", convolution_weights="int4"))
    out = tmp_path / "model.safetensors"
    train(config, corpus, out, progress=TerminalProgress(Console(file=StringIO())))
    convolution = read_model(out).convolution
    assert convolution is not None
    assert max(np.abs(getattr(convolution, name)).max() for name in ("first", "depthwise", "pointwise")) <= 7
