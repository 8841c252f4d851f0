"""The quantizers that a training may choose from, behind one pair of functions.

"int8" and "int4" are those of fake_quant.py, "ternary" is HitNet's (ternary.py). All give the same two things: formats,
and a `QuantizedNet` that trains, is validated and becomes a model.
"""

from __future__ import annotations

import torch
from torch import Tensor

from wakeword.networks.keyword_net import KeywordNet
from wakeword.quantization.config import Quantization
from wakeword.quantization.fake_quant import Formats, QuantizedNet, choose_formats
from wakeword.quantization.ternary import TernaryNet, choose_ternary_formats

LARGEST = {"int8": 127, "int4": 7}  # magnitude of a matrix's entry


def formats_of(config: Quantization, net: KeywordNet, features: Tensor) -> Formats:
    """Choose the Q-formats of a net by its weights and by training features (B, T, D) in log2.

    Raises UsageError if the integer arithmetic has no room for the model.
    """
    if config.quantizer == "ternary":
        return choose_ternary_formats(net, features, config.ternary_slope)
    return choose_formats(net, features, LARGEST[config.quantizer], LARGEST[config.convolution_weights])


def quantized_net(
    config: Quantization, net: KeywordNet, formats: Formats, generator: torch.Generator | None = None
) -> QuantizedNet:
    """Return a net as its quantizer sees it.

    generator: draws the activations of the ternary quantizer in training. None: they are as in the engine.
    """
    if config.quantizer == "ternary":
        return TernaryNet(net, formats, config.ternary_slope, generator)
    return QuantizedNet(net, formats)
