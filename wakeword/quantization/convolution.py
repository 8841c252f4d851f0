"""The convolutions in integers: Q-formats, and the values of the integer engine (inference/convolution.py) in floats.

Weights are int8. Activations are int16: those after a ReLU are not negative, and all saturate. The normalizations are
folded before (networks/convolution.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from wakeword.model.convolution import LAYERS
from wakeword.networks.convolution import Convolution, Layer, rectified
from wakeword.quantization.rounding import STATE_BITS, fraction_bits, held, rounded, saturated, weight_bits

_ROOM = 2.0  # of activations over the largest on training clips


@dataclass(frozen=True)
class ConvolutionFormats:
    """Fraction bits of each layer's weights and of its activations, and the largest magnitude of a weight."""

    first: int
    depthwise: int
    pointwise: int
    first_out: int
    depthwise_out: int
    pointwise_out: int
    largest: int = 127

    @property
    def shifts(self) -> dict[str, int]:
        """The right shift of each layer's products, in bits."""
        return {
            "first": self.first + STATE_BITS - self.first_out,
            "depthwise": self.depthwise + self.first_out - self.depthwise_out,
            "pointwise": self.pointwise + self.depthwise_out - self.pointwise_out,
        }


def choose_convolution_formats(convolution: Convolution, x: Tensor, largest: int) -> ConvolutionFormats:
    """Choose formats by the weights, and by the range of the activations on normalized training clips x (B, T, D).

    The normalizations must be folded. largest: magnitude of a weight, 127 for int8, 7 for four bits.
    """
    bits = {name: weight_bits(getattr(convolution, name).detach(), largest) for name in LAYERS}
    before = STATE_BITS

    def respond(name: str, layer: Layer, x: Tensor) -> Tensor:
        nonlocal before
        x = rectified(name, layer(x, getattr(convolution, name)) + convolution.bias(name)[:, None, None])
        wanted = min(STATE_BITS, fraction_bits(_ROOM * float(x.abs().max()), 32767))
        bits[f"{name}_out"] = before = min(wanted, bits[name] + before)  # so that the shift is not negative
        return x

    with torch.no_grad():
        convolution.through(x, respond)
    return ConvolutionFormats(**bits, largest=largest)


def quantized_weights(convolution: Convolution, formats: ConvolutionFormats) -> dict[str, Tensor]:
    """Return the quantized values of weights and biases, as floats: "first", "first_bias" and so on."""
    values = {}
    for name in LAYERS:
        out = getattr(formats, f"{name}_out")
        values[name] = held(getattr(convolution, name), getattr(formats, name), formats.largest)
        values[f"{name}_bias"] = saturated(rounded(convolution.bias(name), out), out)
    return values


def quantized_inputs(
    convolution: Convolution,
    formats: ConvolutionFormats,
    values: dict[str, Tensor],
    x: Tensor,
    continued: Tensor | None = None,
) -> Tensor:
    """Map normalized features (B, T, D), multiples of 2**-12, to the inputs of the cell as in `Convolution.forward`."""

    def respond(name: str, layer: Layer, x: Tensor) -> Tensor:
        out = getattr(formats, f"{name}_out")
        x = rounded(layer(x, values[name]), out) + values[f"{name}_bias"][:, None, None]
        return rectified(name, saturated(x, out))

    return convolution.through(x, respond, continued)
