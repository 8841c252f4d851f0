"""Networks that are not trained: their cycles and bytes depend on the shape, not on weights."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from featurizer import MEL_BANDS
from wakeword.data.keywords import SILENCE, UNKNOWN
from wakeword.model.file import DetectorSettings, Model
from wakeword.networks.keyword_net import KeywordNet
from wakeword.quantization.fake_quant import to_model
from wakeword.quantization.quantizers import formats_of, quantized_net
from wakeword.training.config import TrainConfig
from wakeword.training.presets import for_phrases, of_size, preset


def made_up_phrase(kilobytes: str) -> Model:
    """Return a model of one phrase as `wakeword train --size` would begin to train it.

    kilobytes: a key of `wakeword.training.presets.SIZES`.
    """
    return untrained(of_size(for_phrases(preset("best")), kilobytes), ["hey lumen"])


def untrained(config: TrainConfig, words: Sequence[str]) -> Model:
    """Return a model of these words with random weights, the same each time, in the formats of a configuration."""
    labels = (SILENCE, UNKNOWN, *words)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = KeywordNet(config.cell, len(labels), torch.full((MEL_BANDS,), 8.0), torch.ones(MEL_BANDS))
        net.cell.piecewise = 1
        formats = formats_of(config.quantization, net, 8 + torch.randn(4, 20, MEL_BANDS))
    quantized = quantized_net(config.quantization, net, formats)
    return to_model(quantized, labels, 2, DetectorSettings((1 << 14,) * len(labels)), provenance={})
