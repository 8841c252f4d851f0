"""The detector as a graph: a frame of it, equal to wakeword/inference/detector.py. K is the number of labels."""

from __future__ import annotations

import numpy as np
import spox.opset.ai.onnx.v17 as op
from spox import Var

from wakeword.model.file import AVERAGE_BITS, Model
from wakeword.model.onnx.arithmetic import add, cut, gather, ints, mul, rshift, sub, widen

NO_EVENT = -1


def state_shapes(model: Model) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the detector's state, by name.

    average: Q23. fired: 1 from a label's event on until its score is below its threshold. pause: the frames that are
    left of the refractory time.
    """
    return {"average": (len(model.labels),), "fired": (len(model.labels),), "pause": ()}


def detector(model: Model, posteriors: Var, state: dict[str, Var]) -> tuple[Var, Var, dict[str, Var]]:
    """Take the posteriors (K,) of a frame, and the state; return the scores (K,), Q15, the event, and the next state.

    The event is the label's index, or NO_EVENT.
    """
    settings = model.detector
    distance = sub(mul(posteriors, 1 << AVERAGE_BITS), state["average"])
    average = add(state["average"], rshift(distance, settings.smoothing))
    scores = rshift(average, AVERAGE_BITS)
    reached = widen(op.greater_or_equal(scores, ints(settings.thresholds)))
    fired = mul(reached, state["fired"])
    words = op.cast(cut(scores, model.first_word, len(model.labels)), to=np.int32)  # old runtimes' ArgMax has no int64
    leader = add(op.arg_max(words, axis=0, keepdims=0), model.first_word)
    due = gather(sub(reached, fired), leader)  # 0 or 1
    event = op.and_(op.equal(due, ints(1)), op.equal(state["pause"], ints(0)))
    of_event = op.and_(event, op.equal(ints(np.arange(len(model.labels))), leader))
    waiting = op.max([sub(state["pause"], 1), ints(0)])
    following = {
        "average": average,
        "fired": op.where(of_event, ints(1), fired),
        "pause": op.where(event, ints(settings.refractory), waiting),
    }
    return scores, op.where(event, leader, ints(NO_EVENT)), following
