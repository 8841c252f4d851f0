"""Each name of the comparison is the network that the paper means by it."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from tests.wakeword.tones import write_tones
from wakeword.data.keywords import keyword_set
from wakeword.errors import WakewordError
from wakeword.model.file import read_model
from wakeword.networks.config import KINDS, CellConfig, Kind
from wakeword.networks.registry import make_cell
from wakeword.training.config import Sparsity, Stages, TrainConfig
from wakeword.training.corpus import load_corpus
from wakeword.training.presets import COMPRESSED, VARIANTS, variant
from wakeword.training.progress import TerminalProgress
from wakeword.training.train import train

PRESET = TrainConfig(cell=CellConfig(hidden=50), stages=Stages(30, 20, 10), sparsity=Sparsity(0.4))


def test_lsq_is_the_preset_itself() -> None:
    assert variant(PRESET, "fastgrnn-lsq") == PRESET


def test_sq_has_whole_matrices_that_become_sparse() -> None:
    assert variant(PRESET, "fastgrnn-sq") == replace(PRESET, cell=CellConfig(hidden=50, rank_w=None, rank_u=None))


def test_q_has_whole_dense_matrices_in_integers() -> None:
    config = variant(PRESET, "fastgrnn-q")
    assert config.cell == CellConfig(hidden=50, rank_w=None, rank_u=None)
    assert (config.sparsity.density, config.stages) == (1.0, Stages(50, 0, 10))


@pytest.mark.parametrize("kind", KINDS)
def test_any_cell_in_full_is_whole_dense_smooth_and_in_floats(kind: Kind) -> None:
    config = variant(PRESET, kind)
    cell = config.cell
    assert (cell.kind, cell.hidden, cell.rank_w, cell.rank_u, cell.piecewise) == (kind, 50, None, None, False)
    assert (config.sparsity.density, config.stages) == (1.0, Stages(60, 0, 0))


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_can_be_built_at_any_width_and_keeps_the_rest_of_the_configuration(name: str) -> None:
    config = variant(PRESET, name, hidden=24)
    assert make_cell(config.cell).config.hidden == 24
    assert config.stages.total == PRESET.stages.total
    assert replace(config, cell=PRESET.cell, stages=PRESET.stages, sparsity=PRESET.sparsity) == PRESET


def test_a_second_layer_stays() -> None:
    config = replace(PRESET, cell=replace(PRESET.cell, layers=2))
    assert all(variant(config, name).cell.layers == 2 for name in VARIANTS)


def test_an_unknown_network_is_refused() -> None:
    with pytest.raises(WakewordError, match="choose one of fastgrnn-lsq"):
        variant(PRESET, "transformer")


@pytest.fixture(scope="module")
def tones(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tones(tmp_path_factory.mktemp("tones"))


@pytest.mark.parametrize("name", COMPRESSED)
def test_a_compressed_network_is_trained_to_integers(name: str, tones: Path, tmp_path: Path) -> None:
    short = TrainConfig(cell=CellConfig(hidden=16, rank_w=6, rank_u=5), stages=Stages(1, 1, 1), sparsity=Sparsity(0.4))
    out = tmp_path / "model.safetensors"
    quiet = TerminalProgress(Console(file=StringIO()))
    config = variant(short, name)
    train(config, load_corpus(config, keyword_set("low,high"), tones), out, progress=quiet)
    model = read_model(out)
    assert (len(model.w2), len(model.u2)) == ((6, 5) if name == "fastgrnn-lsq" else (32, 16))
    for matrix in (model.w1, model.u1):
        density = np.count_nonzero(matrix) / matrix.size
        assert density > 0.9 if name == "fastgrnn-q" else density <= 0.4 + 1 / matrix.size
