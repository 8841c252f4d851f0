"""Networks as large as those of phrases, not trained: cycles and bytes depend on the shape, not on weights."""

from __future__ import annotations

import torch

from featurizer import MEL_BANDS
from wakeword.model.file import DetectorSettings, Model
from wakeword.networks.keyword_net import KeywordNet
from wakeword.quantization.fake_quant import to_model
from wakeword.quantization.quantizers import formats_of, quantized_net
from wakeword.training.presets import for_phrases, of_size, preset


def made_up_phrase(kilobytes: str) -> Model:
    """Return a model of one phrase as `wakeword train --size` would begin to train it.

    kilobytes: a key of `wakeword.training.presets.SIZES`.
    """
    config = of_size(for_phrases(preset("best")), kilobytes)
    labels = ("_silence_", "_unknown_", "hey lumen")
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = KeywordNet(config.cell, len(labels), torch.full((MEL_BANDS,), 8.0), torch.ones(MEL_BANDS))
        net.cell.piecewise = 1
        formats = formats_of(config.quantization, net, 8 + torch.randn(4, 20, MEL_BANDS))
    return to_model(
        quantized_net(config.quantization, net, formats), labels, 2, DetectorSettings((0, 0, 16384)), provenance={}
    )
