"""FastGRNN in integers: the readable reference of `ww_fastgrnn.c`. Weights are int8, the state is int16.

A convolution may be in front of it (convolution.py).

Kusupati et al., NeurIPS 2018: equation (6) with the low rank of equation (7), and piecewise-linear non-linearities
(featurizer.fixed). Q-formats: features Q9; normalised input, pre-activations and state Q12; gate Q15; logits Q10;
posteriors Q15.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from featurizer.fixed import ONE_Q15, Ints, rshift, saturate16, shift, sigmoid_q15, softmax_q15, tanh_q12
from featurizer.tables import FORGETTING_Q15
from wakeword.inference.convolution import ConvolutionQ, ConvolutionState
from wakeword.model.file import EVIDENCE_BITS, Model


@dataclass(frozen=True)
class State:
    """The state of n streams between two frames."""

    hidden: Ints  # (n, H) Q12
    input: Ints  # (n, frames * D) Q12, the frames of a step that is not complete; without a convolution
    evidence: Ints  # (n, K) Q18, leaky averages of the logits
    posteriors: Ints  # (n, K) Q15, of the last step; zeros before the first
    convolution: ConvolutionState | None = None


class FastGRNNQ:
    """Run the network of a model over any number of independent streams at once."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._convolution = ConvolutionQ(model.convolution, len(model.mean)) if model.convolution else None

    def initial_state(self, streams: int = 1) -> State:
        """Return the state after reset: all zeros."""
        labels = len(self._model.labels)
        hidden, empty, evidence, posteriors = (
            np.zeros((streams, width), np.int64) for width in (self._model.hidden, 0, labels, labels)
        )
        convolution = self._convolution.initial_state(streams) if self._convolution else None
        return State(hidden, empty, evidence, posteriors, convolution)

    def _product(self, name: str, x: Ints) -> Ints:
        """Multiply x (n, cols) with the matrix's transpose; return (n, rows) in the Q-format of the result."""
        matrix = getattr(self._model, name).astype(np.int64)
        return rshift(x @ matrix.T, self._model.shifts[name])

    def step(self, state: State, features: npt.ArrayLike) -> State:
        """Take one frame of each stream, features (n, D) in log2 Q9; return the next state.

        The last frame of a step updates the hidden state and the posteriors, the others leave them as they are.
        """
        model = self._model
        centred = np.asarray(features, np.int64) - model.mean
        state, x = self._pushed(state, saturate16(rshift(centred * model.scale, 12)))
        if x is None:
            return state
        hidden = self._update(state.hidden, x)
        logits = saturate16(self._product("head", hidden) + model.head_bias)
        evidence = state.evidence + rshift(shift(logits, -EVIDENCE_BITS) - state.evidence, model.evidence)
        posteriors = softmax_q15(rshift(evidence, EVIDENCE_BITS))
        return replace(state, hidden=hidden, evidence=evidence, posteriors=posteriors)

    def _pushed(self, state: State, frame: Ints) -> tuple[State, Ints | None]:
        """Take a normalized frame (n, D); return the state, and the input of the cell if it completes a step."""
        if self._convolution is not None:
            assert state.convolution is not None
            convolution, x = self._convolution.step(state.convolution, frame)
            return replace(state, convolution=convolution), x
        x = np.concatenate([state.input, frame], axis=1)
        if x.shape[1] < len(self._model.mean) * self._model.frames_per_step:
            return replace(state, input=x), None
        return replace(state, input=x[:, :0]), x

    def _update(self, hidden: Ints, x: Ints) -> Ints:
        """Compute the next hidden states from those of now (n, H), Q12, and the inputs of a step."""
        model = self._model
        from_input = saturate16(self._product("w2", x))
        from_state = saturate16(self._product("u2", hidden))
        pre_activation = self._product("w1", from_input) + self._product("u1", from_state)
        for_gate = saturate16(pre_activation + model.bias_gate)
        z = shift(tanh_q12(for_gate), -3) if model.gate == "tanh" else sigmoid_q15(for_gate)
        z = np.minimum(z, ONE_Q15 - FORGETTING_Q15 * model.frames_per_step)
        candidate = tanh_q12(saturate16(pre_activation + model.bias_update))
        gain = rshift(model.zeta * (ONE_Q15 - z), 15) + model.nu
        return saturate16(rshift(gain * candidate + z * hidden, 15))

    def run(self, features: npt.ArrayLike, state: State | None = None) -> tuple[Ints, Ints, State]:
        """Run over features (n, frames, D), from the given state or from reset.

        Return the hidden states (n, frames, H), the posteriors (n, frames, K) and the state after the last frame.
        """
        features = np.asarray(features, np.int64)
        state = self.initial_state(len(features)) if state is None else state
        states = np.zeros((*features.shape[:2], self._model.hidden), np.int64)
        posteriors = np.zeros((*features.shape[:2], len(self._model.labels)), np.int64)
        for frame in range(features.shape[1]):
            state = self.step(state, features[:, frame])
            states[:, frame], posteriors[:, frame] = state.hidden, state.posteriors
        return states, posteriors, state
