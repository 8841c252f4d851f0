"""Convolutions in integers: the readable reference of `ww_convolution.c`. Weights are int8, activations int16.

Shapes: n streams, D mel bands, C channels, M outputs; P positions of the first convolution, Q of the depthwise one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from featurizer.fixed import Ints, rshift, saturate16
from wakeword.model.convolution import DEPTHWISE, DEPTHWISE_STRIDE, Convolution


@dataclass(frozen=True)
class ConvolutionState:
    """The state of n streams between two frames."""

    recent: Ints  # (n, D + padding, frames) Q12, the last frames; before the first, zeros
    responses: Ints  # (n, P, C, 3), the last of the first convolution; before the first, zeros
    frames: int  # of the step that is not complete


class ConvolutionQ:
    """Run the convolutions of a model over any number of independent streams at once."""

    def __init__(self, convolution: Convolution, mel_bands: int) -> None:
        self._convolution = convolution
        self._mel_bands = mel_bands
        self._positions = convolution.positions(mel_bands)

    def initial_state(self, streams: int) -> ConvolutionState:
        """Return the state after reset: all zeros."""
        it = self._convolution
        bands, positions = self._mel_bands + it.padding(self._mel_bands), it.first_positions(self._mel_bands)
        recent = np.zeros((streams, bands, it.frames), np.int64)
        return ConvolutionState(recent, np.zeros((streams, positions, it.channels, DEPTHWISE), np.int64), 0)

    def step(self, state: ConvolutionState, frame: Ints) -> tuple[ConvolutionState, Ints | None]:
        """Take a normalized frame of each stream, (n, D) Q12; return the next state.

        With the last frame of a step, return the inputs of the cell, too: (n, Q * M), the outputs of a position side
        by side.
        """
        it, frames = self._convolution, state.frames + 1
        recent = np.concatenate([state.recent[:, :, 1:], np.zeros_like(state.recent[:, :, :1])], axis=2)
        recent[:, : self._mel_bands, -1] = frame
        if frames % it.frame_stride:
            return ConvolutionState(recent, state.responses, frames), None
        responses = np.concatenate([state.responses[..., 1:], self._first(recent)[..., None]], axis=3)
        if frames < it.frames_per_step:
            return ConvolutionState(recent, responses, frames), None
        return ConvolutionState(recent, responses, 0), self._separable(responses)

    def _first(self, recent: Ints) -> Ints:
        """Return the responses of the first convolution to the last frames, (n, P, C)."""
        it = self._convolution
        starts = range(0, it.band_stride * it.first_positions(self._mel_bands), it.band_stride)
        patches = np.stack([recent[:, start : start + it.bands].reshape(len(recent), -1) for start in starts], axis=1)
        sums = rshift(patches @ it.first.T.astype(np.int64), it.shifts["first"])
        return np.maximum(0, saturate16(sums + it.first_bias))

    def _separable(self, responses: Ints) -> Ints:
        """Return the outputs of the depthwise and the pointwise convolution, (n, Q * M)."""
        it = self._convolution
        starts = range(0, DEPTHWISE_STRIDE * self._positions, DEPTHWISE_STRIDE)
        patches = np.stack([responses[:, start : start + DEPTHWISE] for start in starts], axis=1)  # (n, Q, 3, C, 3)
        kernel = it.depthwise.astype(np.int64).reshape(DEPTHWISE, DEPTHWISE, -1)  # bands, frames, channels
        sums = np.einsum("nqbcf,bfc->nqc", patches, kernel)
        filtered = saturate16(rshift(sums, it.shifts["depthwise"]) + it.depthwise_bias)
        mixed = rshift(filtered @ it.pointwise.T.astype(np.int64), it.shifts["pointwise"])
        outputs = np.maximum(0, saturate16(mixed + it.pointwise_bias))
        return outputs.reshape(len(outputs), -1)
