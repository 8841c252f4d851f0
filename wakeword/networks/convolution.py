"""Convolutions in front of the cell: they learn each sound once for all pitches and moments.

A kernel over mel bands and frames, then a depthwise separable one (Howard et al. 2017, arXiv:1704.04861). Each is
causal in time, followed by batch normalization (Ioffe and Szegedy 2015, arXiv:1502.03167), and the first and the last
by a ReLU.

A clip that begins after reset has zeros before its first frame, as a stream has. A clip that goes on after others has
its own first frames there, in reverse. Zeros would mark its start, and the network would learn to return to rest at
such marks, of which a stream has none.

Shapes: B clips, T frames, N steps, D mel bands, C channels, M outputs; P positions of the first convolution, Q of the
depthwise one.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from wakeword.model.convolution import DEPTHWISE, DEPTHWISE_STRIDE, LAYERS
from wakeword.networks.config import ConvolutionConfig

Layer = Callable[[Tensor, Tensor], Tensor]  # maps an input and a weight
Respond = Callable[[str, Layer, Tensor], Tensor]

_EPSILON = 1e-5  # added to the variance
_ROUNDS = 30  # of balancing; more change no bit


class Normalization(nn.Module):
    """Batch normalization of channels. It follows the batches while it learns, and then keeps their statistics."""

    mean: Tensor
    variance: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("variance", torch.ones(channels))

    def forward(self, x: Tensor, learns: bool) -> Tensor:
        """Normalize x (B, channels, …)."""
        return functional.batch_norm(
            x, self.mean, self.variance, self.gain, self.bias, training=learns, momentum=0.1, eps=_EPSILON
        )

    @torch.no_grad()
    def fold(self, weight: Tensor) -> None:
        """Multiply the gain into the weight (channels, …) before it, and move all else into the bias."""
        gain = self.gain / (self.variance + _EPSILON).sqrt()
        weight.mul_(gain.reshape(-1, *[1] * (weight.dim() - 1)))
        self.bias.sub_(self.mean * gain)
        self.gain.fill_(1)
        self.mean.zero_()
        self.variance.fill_(1 - _EPSILON)


class Convolution(nn.Module):
    """Map normalized features to the inputs of the cell. `learns`: whether normalizations follow the batches."""

    def __init__(self, config: ConvolutionConfig, mel_bands: int) -> None:
        super().__init__()
        self.config = config
        self.learns = False
        self._padding = config.padding(mel_bands)
        size = config.bands * config.frames
        self.first = nn.Parameter(torch.randn(config.channels, 1, config.bands, config.frames) * (2 / size) ** 0.5)
        self.depthwise = nn.Parameter(torch.randn(config.channels, 1, DEPTHWISE, DEPTHWISE) / DEPTHWISE)
        self.pointwise = nn.Parameter(torch.randn(config.outputs, config.channels) * (2 / config.channels) ** 0.5)
        channels = (config.channels, config.channels, config.outputs)
        self.normalizations = nn.ModuleDict({name: Normalization(n) for name, n in zip(LAYERS, channels, strict=True)})

    def forward(self, x: Tensor, continued: Tensor | None = None) -> Tensor:
        """Map frames (B, T, D) to steps (B, N, Q * M); frames that fill no step are left out.

        continued: as in `through`.
        """

        def respond(name: str, layer: Layer, x: Tensor) -> Tensor:
            return rectified(name, self.normalizations[name](layer(x, getattr(self, name)), self.learns))

        return self.through(x, respond, continued)

    def through(self, x: Tensor, respond: Respond, continued: Tensor | None = None) -> Tensor:
        """Pass frames (B, T, D) through all layers: (B, N, Q * M).

        respond: computes the responses of a layer from its name, its function and its input.
        continued: (B,), 1 for a clip that goes on after others, 0 for one that begins after reset. None: all begin.
        """
        if continued is None:
            continued = x.new_zeros(len(x))
        before = x[:, 1 : 1 + self.config.frames].flip(1) * continued[:, None, None]
        before = functional.pad(before, (0, 0, self.config.frames - before.shape[1], 0))  # if the clip is short
        x = respond("first", self.convolved, torch.cat([before, x], dim=1))
        # The first response is to frames before the clip alone.
        begun = x[..., :1] * continued[:, None, None, None]
        x = respond("depthwise", self.filtered, torch.cat([begun, x[..., 1:]], dim=3))
        return as_steps(respond("pointwise", self.mixed, x))

    def convolved(self, x: Tensor, weight: Tensor) -> Tensor:
        """Convolve frames (B, T, D) by the first kernel: (B, C, P, (T - frames) // frame_stride + 1)."""
        bands_by_frames = functional.pad(x.transpose(1, 2), (0, 0, 0, self._padding))
        strides = self.config.band_stride, self.config.frame_stride
        return functional.conv2d(bands_by_frames[:, None], weight, stride=strides)

    def filtered(self, x: Tensor, weight: Tensor) -> Tensor:
        """Convolve each channel of x (B, C, P, N * 2 + 1) by its own kernel: (B, C, Q, N)."""
        return functional.conv2d(x, weight, stride=DEPTHWISE_STRIDE, groups=len(weight))

    def mixed(self, x: Tensor, weight: Tensor) -> Tensor:
        """Mix the channels at each position: (B, C, Q, N) to (B, M, Q, N)."""
        return functional.conv2d(x, weight[:, :, None, None])

    def bias(self, name: str) -> Tensor:
        """Return the bias of a layer whose normalization is folded."""
        found = self.normalizations[name].bias
        assert isinstance(found, Tensor)
        return found

    @torch.no_grad()
    def fold(self) -> None:
        """Fold the normalizations into weights and biases; the result of `forward` stays the same.

        Then the channels are balanced: the weights of a channel may be multiplied by a number if those of the next
        layer are divided by it, since a ReLU lets positive factors pass (Nagel et al. 2019, arXiv:1906.04721, section
        4.1). All channels then use the range of integers alike.
        """
        for name in LAYERS:
            normalization = self.normalizations[name]
            assert isinstance(normalization, Normalization)
            normalization.fold(getattr(self, name))
        self.learns = False
        for _ in range(_ROUNDS):  # the depthwise weights are balanced with those before and after them
            _balance(self.first, self.bias("first"), self.depthwise)
            _balance(self.depthwise, self.bias("depthwise"), self.pointwise.T)


def _balance(weight: Tensor, bias: Tensor, following: Tensor) -> None:
    """Give each channel the same largest weight in a layer (channels, …) and in the next one."""
    size, following_size = (w.abs().flatten(1).amax(1).clamp(min=1e-6) for w in (weight, following))
    factor = (following_size / size).sqrt()
    weight.mul_(factor.reshape(-1, *[1] * (weight.dim() - 1)))
    bias.mul_(factor)
    following.div_(factor.reshape(-1, *[1] * (following.dim() - 1)))


def rectified(name: str, x: Tensor) -> Tensor:
    """Apply the ReLU of a layer, if it has one."""
    return x if name == "depthwise" else functional.relu(x)


def as_steps(x: Tensor) -> Tensor:
    """Return the outputs (B, M, Q, N) as inputs of the cell, (B, N, Q * M), the outputs of a position side by side."""
    return x.permute(0, 3, 2, 1).flatten(2)
