"""Each regularizer, set as by `--set`, acts in a short training on tones: the paper's (Appendix H), and ours."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import torch
from rich.console import Console

from tests.wakeword.tones import write_tones
from wakeword.data.keywords import keyword_set
from wakeword.networks.config import CellConfig
from wakeword.networks.keyword_net import KeywordNet
from wakeword.training.config import Draw, Optimization, Stages, TrainConfig
from wakeword.training.corpus import Corpus, load_corpus
from wakeword.training.overrides import apply_settings, parse_settings
from wakeword.training.progress import TerminalProgress
from wakeword.training.train import train

PLAIN = TrainConfig(
    cell=CellConfig(hidden=12, rank_w=6, rank_u=6),
    stages=Stages(16, 0, 0),
    optimization=Optimization(batch_size=16),
    draw=Draw(negatives=0),  # as many clips of other tones as of a word
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return load_corpus(PLAIN, keyword_set("low,high"), write_tones(tmp_path_factory.mktemp("tones")))


@pytest.fixture(scope="module")
def plain(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> tuple[KeywordNet, float]:
    return learned(corpus, tmp_path_factory.mktemp("plain"))


def learned(corpus: Corpus, folder: Path, *settings: str) -> tuple[KeywordNet, float]:
    """Train in floats; returns the network and its validation accuracy."""
    config = apply_settings(PLAIN, parse_settings(settings))
    evaluation = train(config, corpus, folder / "m.safetensors", progress=TerminalProgress(Console(file=StringIO())))
    content = torch.load(folder / "m.training" / "float.pt", weights_only=True)
    net = KeywordNet(config.cell, len(corpus.keywords.labels), torch.zeros(32), torch.ones(32))
    net.load_state_dict(content["net"])
    return net, evaluation.accuracy


def states(net: KeywordNet, corpus: Corpus) -> torch.Tensor:
    with torch.no_grad():
        return net.states(corpus.features)


def test_activation_penalty_keeps_the_states_small(
    corpus: Corpus, plain: tuple[KeywordNet, float], tmp_path: Path
) -> None:
    net, _ = learned(corpus, tmp_path, "activation_penalty=10")
    assert states(net, corpus).square().mean() < 0.3 * states(plain[0], corpus).square().mean()


def test_temporal_penalty_keeps_their_changes_small(
    corpus: Corpus, plain: tuple[KeywordNet, float], tmp_path: Path
) -> None:
    net, _ = learned(corpus, tmp_path, "temporal_penalty=100")
    changes = [states(each, corpus).diff(dim=1).square().mean() for each in (net, plain[0])]
    assert changes[0] < 0.3 * changes[1]


def test_weight_decay_keeps_the_weights_small(corpus: Corpus, plain: tuple[KeywordNet, float], tmp_path: Path) -> None:
    net, _ = learned(corpus, tmp_path, "weight_decay=1")
    sizes = [sum(p.square().sum() for p in each.cell.recurrent_matrices()) for each in (net, plain[0])]
    assert sizes[0] < 0.8 * sizes[1]


def test_weight_decay_does_not_change_biases(corpus: Corpus, plain: tuple[KeywordNet, float], tmp_path: Path) -> None:
    net, _ = learned(corpus, tmp_path, "weight_decay=5")
    cells: list[Any] = [net.cell, plain[0].cell]
    sizes = [cell.bias_gate.square().sum() for cell in cells]
    assert sizes[0] > 0.9 * sizes[1]


def test_a_run_with_weights_dropped_is_another_and_learns(
    corpus: Corpus, plain: tuple[KeywordNet, float], tmp_path: Path
) -> None:
    net, accuracy = learned(corpus, tmp_path, "weight_drop=0.2")
    assert not torch.equal(states(net, corpus), states(plain[0], corpus))
    assert accuracy >= 0.7 and plain[1] >= 0.7


def test_two_layers_learn_in_floats(corpus: Corpus, tmp_path: Path) -> None:
    net, accuracy = learned(corpus, tmp_path, "cell.layers=2")
    assert net.cell.state_size == 24
    assert accuracy >= 0.7


def test_false_accept_loss_keeps_clips_without_a_word_from_nearing_one_at_any_step(
    corpus: Corpus, plain: tuple[KeywordNet, float], tmp_path: Path
) -> None:
    net, accuracy = learned(corpus, tmp_path, "false_accept_loss=1")
    first_word = corpus.keywords.labels.index("low")
    wordless = torch.from_numpy(corpus.validation.labels < first_word)

    def peaks(of: KeywordNet) -> torch.Tensor:
        posteriors = of.evidence(of.logits(states(of, corpus))).softmax(dim=2)
        return posteriors[wordless, :, first_word:].sum(dim=2)[:, 24:].amax(dim=1).mean()

    with torch.no_grad():
        assert peaks(net) < 0.9 * peaks(plain[0])
    assert accuracy >= 0.7
