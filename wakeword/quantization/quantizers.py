"""The quantisers that a training may choose from (`TrainConfig.quantizer`), behind one pair of functions.

"int8" and "int4" are quantize.py's own; "ternary" is HitNet's (ternary.py). What comes out is one thing to all others:
formats, and a `QuantisedNet` that trains, is validated and becomes a model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from wakeword.networks.keyword_net import KeywordNet
from wakeword.quantization.fake_quant import Formats, QuantisedNet, choose_formats
from wakeword.quantization.ternary import TernaryNet, choose_ternary_formats

if TYPE_CHECKING:  # the presets know nothing of how they are carried out
    from wakeword.training.presets import TrainConfig

LARGEST = {"int8": 127, "int4": 7}  # magnitude of a matrix's entry


def formats_of(config: TrainConfig, net: KeywordNet, features: Tensor) -> Formats:
    """Q-formats of a net for its quantiser, by its weights and by training features (B, T, D) in log2.

    Raises WakewordError where the integer arithmetic has no room for the model.
    """
    if config.quantizer == "ternary":
        return choose_ternary_formats(net, features, config.slope)
    return choose_formats(net, features, LARGEST[config.quantizer])


def quantised_net(
    config: TrainConfig, net: KeywordNet, formats: Formats, generator: torch.Generator | None = None
) -> QuantisedNet:
    """A net as its quantiser sees it.

    generator: what the ternary one draws activations by in training; without it they are as in the engine.
    """
    if config.quantizer == "ternary":
        return TernaryNet(net, formats, config.slope, generator)
    return QuantisedNet(net, formats)
