"""FastGRNN in integers, the readable reference of `ww_fastgrnn.c`: int8 weights, int16 state, no float.

Kusupati et al., NeurIPS 2018, equation (6), with the low rank of equation (7) and piecewise-linear
non-linearities (featurizer.fixed). Q-formats: features Q9, normalised input, pre-activations and state Q12,
gate Q15, logits Q10, posteriors Q15.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from featurizer.fixed import ONE_Q15, Ints, rshift, saturate16, shift, sigmoid_q15, softmax_q15, tanh_q12
from featurizer.tables import GATE_LIMIT_Q15
from wakeword.bundle import Bundle


class FastGRNNQ:
    """The network of a bundle, run over any number of independent streams at once."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle

    def initial_state(self, streams: int = 1) -> Ints:
        """The hidden state of a reset network: zeros (streams, H)."""
        return np.zeros((streams, self._bundle.hidden), np.int64)

    def _product(self, name: str, x: Ints) -> Ints:
        """x (streams, n) times the matrix's transpose, in the Q-format of the result."""
        matrix = getattr(self._bundle, name).astype(np.int64)
        return rshift(x @ matrix.T, self._bundle.shifts[name])

    def step(self, hidden: Ints, features: npt.ArrayLike) -> tuple[Ints, Ints]:
        """One frame of each stream.

        hidden: (streams, H) Q12; features: (streams, 32) log2 Q9. Returns the next hidden state (streams, H) and
        the posteriors (streams, K) in Q15.
        """
        model = self._bundle
        centred = np.asarray(features, np.int64) - model.mean
        x = saturate16(rshift(centred * model.scale, 12))
        from_input = saturate16(self._product("w2", x))
        from_state = saturate16(self._product("u2", hidden))
        pre_activation = self._product("w1", from_input) + self._product("u1", from_state)
        for_gate = saturate16(pre_activation + model.bias_gate)
        z = shift(tanh_q12(for_gate), -3) if model.gate == "tanh" else sigmoid_q15(for_gate)
        z = np.minimum(z, GATE_LIMIT_Q15)
        candidate = tanh_q12(saturate16(pre_activation + model.bias_update))
        gain = rshift(model.zeta * (ONE_Q15 - z), 15) + model.nu
        hidden = saturate16(rshift(gain * candidate + z * hidden, 15))
        logits = saturate16(self._product("head", hidden) + model.head_bias)
        return hidden, softmax_q15(logits)

    def run(self, features: npt.ArrayLike, hidden: Ints | None = None) -> tuple[Ints, Ints]:
        """All frames of each stream, from the given state or from reset.

        features: (streams, frames, 32). Returns the hidden states (streams, frames, H) and the posteriors
        (streams, frames, K).
        """
        features = np.asarray(features, np.int64)
        state = self.initial_state(len(features)) if hidden is None else hidden
        states = np.zeros((*features.shape[:2], self._bundle.hidden), np.int64)
        posteriors = np.zeros((*features.shape[:2], len(self._bundle.labels)), np.int64)
        for frame in range(features.shape[1]):
            state, posteriors[:, frame] = self.step(state, features[:, frame])
            states[:, frame] = state
        return states, posteriors
