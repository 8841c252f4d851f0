"""From a trained float network to integers: Q-formats, fake quantization for training, and the model.

`QuantizedNet` computes in floats the values of the integer engine (inference/fastgrnn.py): each is a multiple of its
format's 2**-n, rounded half up and saturated at the same places. In float64 both are equal. In float32, as in training,
a sum that needs more than 24 bits may differ in its last bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from featurizer import FEATURE_BITS
from wakeword.errors import UsageError
from wakeword.model.convolution import LAYERS, Convolution
from wakeword.model.file import EVIDENCE_BITS, MAX_RANK, DetectorSettings, Model
from wakeword.networks import fused
from wakeword.networks.cell import LowRank, hard_sigmoid, hard_tanh
from wakeword.networks.device import fast
from wakeword.networks.fastgrnn import FastGRNN, gate_limit
from wakeword.networks.keyword_net import KeywordNet, stacked
from wakeword.quantization.convolution import (
    ConvolutionFormats,
    choose_convolution_formats,
    quantized_inputs,
    quantized_weights,
)
from wakeword.quantization.rounding import STATE_BITS, fraction_bits, held, rounded, saturated, weight_bits

GATE_BITS, LOGIT_BITS, SCALE_BITS = 15, 10, 12


@dataclass(frozen=True)
class Formats:
    """Fraction bits that depend on the training; all others are fixed (docs/arithmetic.md)."""

    w1: int
    w2: int
    u1: int
    u2: int
    head: int
    from_input: int  # w2 x
    from_state: int  # u2 h
    largest: int = 127  # magnitude of a matrix's entry
    convolution: ConvolutionFormats | None = None

    @classmethod
    def of(cls, content: dict[str, Any]) -> Formats:
        """Return the formats of which `asdict` gave the content."""
        convolution = content.get("convolution")
        return cls(**{**content, "convolution": convolution and ConvolutionFormats(**convolution)})

    @property
    def inputs(self) -> int:
        """The fraction bits of the inputs of the cell."""
        return self.convolution.pointwise_out if self.convolution else STATE_BITS

    @property
    def shifts(self) -> dict[str, int]:
        """The right shift of each matrix's products, in bits."""
        return {
            "w2": self.w2 + self.inputs - self.from_input,
            "u2": self.u2 + STATE_BITS - self.from_state,
            "w1": self.w1 + self.from_input - STATE_BITS,
            "u1": self.u1 + self.from_state - STATE_BITS,
            "head": self.head + STATE_BITS - LOGIT_BITS,
        }


def _rank_bits(vectors: Tensor, weight_bits: int) -> int:
    """Return the fraction bits of rank vectors, by those on training clips; a weight in Qweight_bits follows.

    There is room for three times the largest, or less if the shift back to Q12 would else be negative.
    """
    largest = float(vectors.abs().max())
    wanted = min(12, fraction_bits(3 * largest, 32767))
    return min(max(wanted, STATE_BITS - weight_bits), fraction_bits(largest, 32767))


def factors(matrix: LowRank) -> tuple[Tensor, Tensor]:
    """Return a matrix as a product of two, as the integer engine takes it: a whole one by the identity."""
    first, *rest = matrix.factors
    return first, rest[0] if rest else torch.eye(first.shape[1]).to(first)


def choose_formats(net: KeywordNet, features: Tensor, largest: int = 127, largest_of_convolution: int = 127) -> Formats:
    """Choose formats by a network's weights, and by the range of its rank vectors on training features (B, T, D).

    largest: magnitude of a matrix's entry, 127 for int8, 7 for four bits; so for a convolution, whose normalizations
    must be folded. Raises UsageError if the integer arithmetic has no room for the model.
    """
    cell = net.cell
    if not isinstance(cell, FastGRNN) or cell.piecewise != 1:
        raise UsageError("only a FastGRNN with piecewise-linear non-linearities runs in integers; set quantized=0")
    (w1, w2), (u1, u2) = factors(cell.w), factors(cell.u)
    if max(len(w2), len(u2)) > MAX_RANK:
        raise UsageError(
            f"the integer engine has room for a rank of {MAX_RANK}, this model has {max(len(w2), len(u2))} "
            "(a whole matrix has as many as columns): choose lower ranks, or fewer hidden units"
        )
    with torch.no_grad():
        from_input = net.inputs(features) @ w2.T
        from_state = net.states(features) @ u2.T
    bits = {
        name: weight_bits(weight.detach(), largest)
        for name, weight in (("w1", w1), ("w2", w2), ("u1", u1), ("u2", u2), ("head", net.gain * net.head.weight))
    }
    rank_bits = {"from_input": _rank_bits(from_input, bits["w1"]), "from_state": _rank_bits(from_state, bits["u1"])}
    convolution = None
    if net.convolution is not None:
        x = (features - net.mean) / net.deviation
        convolution = choose_convolution_formats(net.convolution, x, largest_of_convolution)
    formats = Formats(**bits, **rank_bits, largest=largest, convolution=convolution)
    if not all(0 <= shift <= 31 for shift in formats.shifts.values()):
        raise UsageError(f"the weights don't fit the integer formats, try another seed or a weight decay: {formats}")
    return formats


class QuantizedNet(torch.nn.Module):
    """A float network whose parameters are quantized at each use."""

    def __init__(self, net: KeywordNet, formats: Formats) -> None:
        super().__init__()
        self.net = net
        self.formats = formats

    def weights(self) -> dict[str, Tensor]:
        """Return the quantized values of every parameter, as floats."""
        net, cell, formats = self.net, self.net.cell, self.formats
        assert isinstance(cell, FastGRNN)
        (w1, w2), (u1, u2) = factors(cell.w), factors(cell.u)
        matrices = {"w1": w1, "w2": w2, "u1": u1, "u2": u2, "head": net.gain * net.head.weight}
        values = {name: held(matrix, getattr(formats, name), formats.largest) for name, matrix in matrices.items()}
        biases = {"bias_gate": cell.bias_gate, "bias_update": cell.bias_update}
        values |= {name: saturated(rounded(bias, STATE_BITS), STATE_BITS) for name, bias in biases.items()}
        values["head_bias"] = saturated(rounded(net.gain * net.head.bias, LOGIT_BITS), LOGIT_BITS)
        scalars = {"zeta": torch.sigmoid(cell.zeta_logit), "nu": torch.sigmoid(cell.nu_logit)}
        values |= {name: saturated(rounded(scalar, GATE_BITS), GATE_BITS) for name, scalar in scalars.items()}
        values["mean"] = rounded(net.mean, FEATURE_BITS)
        # Features go from Q9 to Q12, hence a scale eight times the reciprocal.
        scale = rounded(2.0 ** (STATE_BITS - FEATURE_BITS) / net.deviation, SCALE_BITS)
        values["scale"] = saturated(scale, SCALE_BITS)
        if net.convolution is not None:
            assert formats.convolution is not None
            values |= quantized_weights(net.convolution, formats.convolution)
        return values

    def states(
        self, features: Tensor, hidden: Tensor | None = None, first: int = 0, continued: Tensor | None = None
    ) -> Tensor:
        """Map features (B, T, D) in log2, multiples of 2**-9, to the hidden states from step `first` on.

        hidden and continued: as in `KeywordNet.run`.
        """
        net, formats, weights = self.net, self.formats, self.weights()
        scaled = (features - weights["mean"]) * weights["scale"] * 2.0 ** (FEATURE_BITS - STATE_BITS)
        x = self._inputs(saturated(rounded(scaled, STATE_BITS), STATE_BITS), weights, continued)
        if hidden is None:
            hidden = x.new_zeros(len(x), net.config.hidden)
        from_input = saturated(rounded(x @ weights["w2"].T, formats.from_input), formats.from_input)
        if net.fused and not self.samples and fused.takes(net.cell, x):
            return self._fused(weights, from_input, hidden, first)
        inputs = rounded(from_input @ weights["w1"].T, STATE_BITS)
        step = type(self)._step
        if not self.samples:
            step = fast(step, x.device)
        states = []
        for frame in inputs.unbind(dim=1):
            hidden = step(self, weights, frame, hidden)
            states.append(hidden)
        return torch.stack(states, dim=1)[:, first:]

    def _inputs(self, x: Tensor, weights: dict[str, Tensor], continued: Tensor | None) -> Tensor:
        """Map normalized features (B, T, D) to the inputs of the cell."""
        if self.net.convolution is None:
            return stacked(x, self.net.config.frames_per_step)
        assert self.formats.convolution is not None
        return quantized_inputs(self.net.convolution, self.formats.convolution, weights, x, continued)

    def _fused(self, weights: dict[str, Tensor], from_input: Tensor, hidden: Tensor, first: int) -> Tensor:
        limit, bits = gate_limit(self.net.config.frames_per_step), self.formats.from_state
        how = fused.Recurrence(self.net.config.gate, piecewise=1, gate_limit=limit, rank_bits=bits)
        scalars, biases = [weights[n] for n in ("zeta", "nu")], [weights[n] for n in ("bias_gate", "bias_update")]
        factors = [weights["u1"], weights["u2"]]
        return fused.run(how, from_input, hidden, scalars, weights["w1"], factors, biases, first)

    def _step(self, weights: dict[str, Tensor], from_input: Tensor, hidden: Tensor) -> Tensor:
        formats = self.formats
        from_state = saturated(rounded(self.operand(hidden) @ weights["u2"].T, formats.from_state), formats.from_state)
        pre_activation = from_input + rounded(from_state @ weights["u1"].T, STATE_BITS)
        # int16 saturates pre-activations at 8, where the non-linearities are flat already.
        for_gate = pre_activation + weights["bias_gate"]
        candidate = hard_tanh(pre_activation + weights["bias_update"])
        z = hard_tanh(for_gate) if self.net.config.gate == "tanh" else hard_sigmoid(for_gate)
        z = z.clamp(max=gate_limit(self.net.config.frames_per_step))
        gain = rounded(weights["zeta"] * (1 - z), GATE_BITS) + weights["nu"]
        return saturated(rounded(gain * candidate + z * hidden, STATE_BITS), STATE_BITS)

    @property
    def samples(self) -> bool:
        """Whether `operand` is random."""
        return False

    def operand(self, hidden: Tensor) -> Tensor:
        """Return the factor of U in place of the hidden state (B, H): here, the state itself."""
        return hidden

    def logits(self, states: Tensor) -> Tensor:
        """Map hidden states (…, H) to logits (…, K), multiples of 2**-10."""
        weights = self.weights()
        products = rounded(states @ weights["head"].T, LOGIT_BITS)
        return saturated(products + weights["head_bias"], LOGIT_BITS)

    def evidence(self, logits: Tensor) -> Tensor:
        """Return `KeywordNet.evidence`, averaged in multiples of 2**-18 and rounded to multiples of 2**-10."""
        average, every = torch.zeros_like(logits[:, 0]), []
        for logit in logits.unbind(dim=1):
            average = average + rounded((logit - average) * 2.0**-self.net.config.evidence, LOGIT_BITS + EVIDENCE_BITS)
            every.append(rounded(average, LOGIT_BITS))
        return torch.stack(every, dim=1)


def to_model(
    quantized: QuantizedNet,
    labels: tuple[str, ...],
    first_word: int,
    detector: DetectorSettings,
    provenance: dict[str, Any],
) -> Model:
    """Convert a quantized network to a model."""
    net, formats = quantized.net, quantized.formats
    with torch.no_grad():
        values = quantized.weights()

    def integers(name: str, bits: int, dtype: type[np.signedinteger[Any]]) -> Any:
        return np.round(values[name].double().numpy() * 2.0**bits).astype(dtype)

    matrices = {name: integers(name, getattr(formats, name), np.int8) for name in ("w1", "w2", "u1", "u2", "head")}
    return Model(
        labels=labels,
        first_word=first_word,
        mean=integers("mean", FEATURE_BITS, np.int16),
        scale=integers("scale", SCALE_BITS, np.int16),
        **matrices,
        bias_gate=integers("bias_gate", STATE_BITS, np.int16),
        bias_update=integers("bias_update", STATE_BITS, np.int16),
        zeta=int(integers("zeta", GATE_BITS, np.int16)),
        nu=int(integers("nu", GATE_BITS, np.int16)),
        head_bias=integers("head_bias", LOGIT_BITS, np.int16),
        shifts=formats.shifts,
        gate=net.config.gate,
        frames_per_step=net.config.frames_per_step,
        evidence=net.config.evidence,
        convolution=_convolution(quantized, integers),
        detector=detector,
        provenance=provenance,
    )


def _convolution(quantized: QuantizedNet, integers: Callable[..., Any]) -> Convolution | None:
    """Return the convolutions of the model. integers: turns a quantized parameter into an array of integers."""
    config, formats = quantized.net.config.convolution, quantized.formats.convolution
    if config is None or formats is None:
        return None
    arrays = {}
    for name in LAYERS:
        arrays[name] = integers(name, getattr(formats, name), np.int8)
        arrays[f"{name}_bias"] = integers(f"{name}_bias", getattr(formats, f"{name}_out"), np.int16)
    arrays["first"] = arrays["first"].reshape(config.channels, -1)
    arrays["depthwise"] = np.ascontiguousarray(arrays["depthwise"].reshape(config.channels, -1).T)
    return Convolution(
        **arrays,
        bands=config.bands,
        frames=config.frames,
        band_stride=config.band_stride,
        frame_stride=config.frame_stride,
        shifts=formats.shifts,
    )
