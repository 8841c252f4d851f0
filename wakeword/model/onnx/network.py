"""The network as a graph: a step of it, equal to wakeword/inference/fastgrnn.py and convolution.py.

F frames in a step, D mel bands, H hidden units, K labels; C channels, M outputs, P and Q positions of convolutions.
"""

from __future__ import annotations

import numpy as np
import spox.opset.ai.onnx.v17 as op
from spox import Var

from featurizer.fixed import INT16_MAX, ONE_Q15
from featurizer.tables import FORGETTING_Q15, MEL_BANDS
from wakeword.model.convolution import DEPTHWISE, DEPTHWISE_STRIDE, Convolution
from wakeword.model.file import EVIDENCE_BITS, Model
from wakeword.model.onnx.arithmetic import (
    add,
    clip,
    cut,
    gather,
    ints,
    matmul,
    mul,
    reshape,
    rshift,
    saturate16,
    sigmoid_q15,
    softmax_q15,
    sub,
    tanh_q12,
    total,
)


def state_shapes(model: Model) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the network's state, by name."""
    labels = len(model.labels)
    shapes: dict[str, tuple[int, ...]] = {"hidden": (model.hidden,), "evidence": (labels,), "posteriors": (labels,)}
    if model.convolution is not None:
        it = model.convolution
        shapes["recent"] = (it.frames, MEL_BANDS)
        shapes["responses"] = (it.first_positions(MEL_BANDS), it.channels)
    return shapes


def network(model: Model, features: Var, state: dict[str, Var]) -> dict[str, Var]:
    """Take the features (F, D) of a step, and the state of `state_shapes`; return the next state."""
    frames = saturate16(rshift(mul(sub(features, model.mean), model.scale), 12))
    convolved: dict[str, Var] = {}
    if model.convolution is None:
        x = reshape(frames, -1)
    else:
        x, convolved = _convolutions(model.convolution, frames, model.frames_per_step, state)
    hidden = _update(model, state["hidden"], x)
    logits = saturate16(add(_product(model, "head", hidden), model.head_bias))
    missing = sub(mul(logits, 1 << EVIDENCE_BITS), state["evidence"])
    evidence = add(state["evidence"], rshift(missing, model.evidence))
    posteriors = softmax_q15(rshift(evidence, EVIDENCE_BITS))
    return {"hidden": hidden, "evidence": evidence, "posteriors": posteriors, **convolved}


def _product(model: Model, name: str, x: Var) -> Var:
    return rshift(matmul(getattr(model, name), x), model.shifts[name])


def _update(model: Model, hidden: Var, x: Var) -> Var:
    """Compute the next hidden state (H,), Q12, of this one and the inputs of a step."""
    from_input = saturate16(_product(model, "w2", x))
    from_state = saturate16(_product(model, "u2", hidden))
    pre_activation = add(_product(model, "w1", from_input), _product(model, "u1", from_state))
    for_gate = saturate16(add(pre_activation, model.bias_gate))
    z = mul(tanh_q12(for_gate), 8) if model.gate == "tanh" else sigmoid_q15(for_gate)
    z = op.min([z, ints(ONE_Q15 - FORGETTING_Q15 * model.frames_per_step)])
    candidate = tanh_q12(saturate16(add(pre_activation, model.bias_update)))
    gain = add(rshift(mul(sub(ONE_Q15, z), model.zeta), 15), model.nu)
    return saturate16(rshift(add(mul(gain, candidate), mul(z, hidden)), 15))


def _convolutions(it: Convolution, frames: Var, count: int, state: dict[str, Var]) -> tuple[Var, dict[str, Var]]:
    """Take the normalized frames (F, D) of a step; return the inputs of the cell (Q * M,), and the next state.

    recent: (frames of the kernel, D) Q12, the last before the step. responses: (P, C), the last of the first
    convolution.
    """
    heard = op.concat([state["recent"], frames], axis=0)
    responses = op.concat([op.unsqueeze(state["responses"], ints([0])), _first(it, heard)], axis=0)  # (3, P, C)
    newest = {"recent": cut(heard, count, count + it.frames), "responses": gather(responses, DEPTHWISE - 1)}
    return _separable(it, responses), newest


def _first(it: Convolution, heard: Var) -> Var:
    """Return the two responses of the first convolution that a step needs, (2, P, C)."""
    bands = MEL_BANDS + it.padding(MEL_BANDS)
    padded = op.pad(heard, ints([0, 0, 0, bands - MEL_BANDS]), ints(0)) if bands > MEL_BANDS else heard
    start = it.frame_stride * np.arange(1, DEPTHWISE)[:, None, None, None]
    band = it.band_stride * np.arange(it.first_positions(MEL_BANDS))[:, None, None] + np.arange(it.bands)[:, None]
    places = (start + np.arange(it.frames)) * bands + band  # (2, P, bands of the kernel, its frames)
    patches = gather(reshape(padded, -1), places.reshape(*places.shape[:2], -1))
    sums = rshift(matmul(patches, it.first.T), it.shifts["first"])
    return _relu(add(sums, it.first_bias))


def _separable(it: Convolution, responses: Var) -> Var:
    """Return the outputs (Q * M,) of the depthwise and the pointwise convolution of responses (3, P, C)."""
    band = DEPTHWISE_STRIDE * np.arange(it.positions(MEL_BANDS))[:, None, None] + np.arange(DEPTHWISE)[:, None]
    places = np.arange(DEPTHWISE) * it.first_positions(MEL_BANDS) + band  # (Q, 3 bands, 3 frames)
    patches = gather(reshape(responses, -1, it.channels), places.reshape(len(places), -1))  # (Q, 9, C)
    sums = rshift(total(mul(patches, it.depthwise), 1), it.shifts["depthwise"])
    filtered = saturate16(add(sums, it.depthwise_bias))
    mixed = rshift(matmul(filtered, it.pointwise.T), it.shifts["pointwise"])
    return reshape(_relu(add(mixed, it.pointwise_bias)), -1)


def _relu(x: Var) -> Var:
    """Clamp x to int16 without its negative half."""
    return clip(x, 0, INT16_MAX)
