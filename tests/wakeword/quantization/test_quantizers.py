"""A training with another quantizer, or with regularizers, gives a model that the engines run."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from tests.wakeword.tones import tone, write_tones
from wakeword.data.augment import Augmentation
from wakeword.data.keywords import keyword_set
from wakeword.evaluation.accuracy import evaluate_examples
from wakeword.inference.c_core import CoreEngine
from wakeword.inference.engine import NumpyEngine
from wakeword.model.file import Model, read_model
from wakeword.model.packing import pack
from wakeword.networks.config import CellConfig
from wakeword.quantization.config import Quantization
from wakeword.training.config import Draw, Optimization, Sparsity, Stages, TrainConfig
from wakeword.training.corpus import Corpus, load_corpus
from wakeword.training.progress import TerminalProgress
from wakeword.training.train import train
from wakeword.training.trained import load_trained

CONFIG = TrainConfig(
    cell=CellConfig(hidden=16, rank_w=6, rank_u=6),
    stages=Stages(16, 4, 8),
    sparsity=Sparsity(density=0.8),
    optimization=Optimization(batch_size=16),
    draw=Draw(unknown=0.5, silence=0.3),
    augmentation=Augmentation(speed_probability=0, snr_db=(20, 40), gain_db=(-6, 3)),
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tones(tmp_path_factory.mktemp("tones"))


def trained(config: TrainConfig, data: Path, out: Path) -> tuple[Model, Corpus]:
    corpus = load_corpus(config, keyword_set("low,high"), data)
    train(config, corpus, out, progress=TerminalProgress(Console(file=StringIO())))
    return read_model(out), corpus


def test_a_model_of_four_bits_takes_half_the_bytes_and_runs_as_it_was_validated(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "model.safetensors"
    model, corpus = trained(
        replace(CONFIG, quantization=Quantization("int4"), sparsity=Sparsity(density=1.0)), data, out
    )
    assert load_trained(out, corpus.keywords).weights == "int4"
    for matrix in (model.w1, model.w2, model.u1, model.u2, model.head):
        assert np.abs(matrix).max() <= 7
        in_blocks = len(matrix) // 4 * 4
        assert pack(matrix).size <= (in_blocks / 2 + len(matrix) - in_blocks) * matrix.shape[1]
    for engine in ("c", "numpy"):
        evaluation = evaluate_examples(model, corpus.validation, corpus.keywords, split="validation", engine=engine)
        assert evaluation.accuracy == model.provenance["validation_accuracy"] > 0.7


def test_a_ternary_model_has_three_values_a_matrix_and_runs_as_it_was_validated(data: Path, tmp_path: Path) -> None:
    model, corpus = trained(
        replace(CONFIG, quantization=Quantization("ternary", 1.5)), data, tmp_path / "model.safetensors"
    )
    for matrix in (model.w1, model.w2, model.u1, model.u2):
        assert len(np.unique(np.abs(matrix[matrix != 0]))) == 1
    assert len(np.unique(np.abs(model.head))) > 2
    for engine in ("c", "numpy"):
        examples, keywords = corpus.validation, corpus.keywords
        evaluation = evaluate_examples(model, examples, keywords, split="validation", engine=engine)
        assert evaluation.accuracy == model.provenance["validation_accuracy"] > 0.7
    clip = (tone(2500, np.random.default_rng(1)) * 20000).astype(np.int16)
    trace, wanted = (engine(model).push(clip) for engine in (CoreEngine, NumpyEngine))
    assert np.array_equal(trace.hidden, wanted.hidden)
    assert np.array_equal(trace.posteriors, wanted.posteriors)
