"""The arithmetic of featurizer/fixed.py in operators of ONNX, all on int64.

ONNX has no arithmetic shift of signed integers, and its Div truncates. So a number is moved above zero by OFFSET, a
multiple of all divisors, before it is divided, and back afterwards.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import spox.opset.ai.onnx.v17 as op
from spox import Var

from featurizer.fixed import INT16_MAX, INT16_MIN, LOG2_E_Q10, ONE_Q12, ONE_Q15
from featurizer.tables import EXP2_BITS, EXP2_TABLE, LOG2_BITS, LOG2_TABLE

OFFSET = 1 << 62  # what is shifted lies between -2**61 and 2**61
_POWERS = 1 << np.arange(63, dtype=np.int64)
_LARGE = 64  # entries
_KINDS = (np.int8, np.int16, np.uint16, np.int32, np.int64)  # the narrowest first


def ints(values: npt.ArrayLike) -> Var:
    """Return a constant of int64. A large one is stored in fewer bytes, and widened when the graph is loaded."""
    values = np.asarray(values, np.int64)
    if values.ndim == 0:
        return _number(int(values))
    if values.size < _LARGE:
        return op.const(values)
    narrow = next(kind for kind in _KINDS if (values.astype(kind) == values).all())
    return widen(op.const(values.astype(narrow)))


@cache
def _number(value: int) -> Var:
    """Return a constant that all its users share."""
    return op.const(np.int64(value))


def widen(x: Var) -> Var:
    """Convert any integers, or truth values to 0 and 1, to int64."""
    return op.cast(x, to=np.int64)


def add(x: Var, *others: Var | npt.ArrayLike) -> Var:
    """Add variables and constants."""
    for other in others:
        x = op.add(x, _var(other))
    return x


def sub(x: Var | npt.ArrayLike, y: Var | npt.ArrayLike) -> Var:
    """Subtract variables or constants."""
    return op.sub(_var(x), _var(y))


def mul(x: Var, y: Var | npt.ArrayLike) -> Var:
    """Multiply by a variable or a constant, elementwise."""
    return op.mul(x, _var(y))


def matmul(x: Var | npt.ArrayLike, y: Var | npt.ArrayLike) -> Var:
    """Multiply matrices, of which one may be a constant."""
    return op.matmul(_var(x), _var(y))


def clip(x: Var, low: int, high: int) -> Var:
    """Clamp x to the range from `low` to `high`."""
    return op.clip(x, ints(low), ints(high))


def gather(x: Var | npt.ArrayLike, index: Var | npt.ArrayLike) -> Var:
    """Return the entries x[index] of the first axis."""
    return op.gather(_var(x), _var(index), axis=0)


def cut(x: Var, start: int, stop: int, axis: int = 0) -> Var:
    """Return x from `start` to before `stop` on one axis."""
    return op.slice(x, ints([start]), ints([stop]), ints([axis]))


def reshape(x: Var, *shape: int) -> Var:
    """Return x in another shape, of which one size may be -1."""
    return op.reshape(x, ints(shape))


def total(x: Var, axis: int) -> Var:
    """Add up one axis."""
    return op.reduce_sum(x, ints([axis]), keepdims=0)


def rshift(x: Var, bits: int) -> Var:
    """Compute x / 2**bits rounded half up, elementwise."""
    if bits == 0:
        return x
    raised = add(x, OFFSET + (1 << bits - 1))
    return sub(op.div(raised, ints(1 << bits)), OFFSET // (1 << bits))


def rshift_by(x: Var, bits: Var) -> Var:
    """Compute x / 2**bits rounded half up, for bits from 0 to 61, elementwise."""
    power = gather(_POWERS, bits)
    raised = add(x, op.div(power, ints(2)), OFFSET)
    return sub(op.div(raised, power), op.div(ints(OFFSET), power))


def saturate16(x: Var) -> Var:
    """Clamp x to int16."""
    return clip(x, INT16_MIN, INT16_MAX)


def mul_q15(x: Var, weights: Var | npt.ArrayLike) -> Var:
    """Compute x * weights / 2**15 rounded half up, elementwise."""
    return rshift(mul(x, weights), 15)


def bit_length(x: Var) -> Var:
    """Return the number of bits of x without leading zeros, x >= 0: the count of the powers of two up to x."""
    return total(widen(op.less_or_equal(ints(_POWERS), op.unsqueeze(x, ints([-1])))), -1)


def log2_q15(x: Var) -> Var:
    """Compute log2(x) in Q15, x >= 1, as featurizer.fixed.log2_q15 does."""
    length = bit_length(x)
    bits = np.arange(64, dtype=np.int64) - 17  # how far a number of this length is shifted, to have 17 bits
    up, down = gather(1 << np.maximum(-bits, 0), length), gather(1 << np.maximum(bits, 0), length)
    fraction = sub(op.div(mul(x, up), down), 1 << 16)
    value = _interpolated(LOG2_TABLE, fraction, 16 - LOG2_BITS)
    return add(mul(length, 1 << 15), -(1 << 15), value)


def _interpolated(table: npt.NDArray[np.uint16], x: Var, bits: int) -> Var:
    """Look x up in a table that has an entry every 2**bits, linear in between."""
    index = op.div(x, ints(1 << bits))
    rest = sub(x, mul(index, 1 << bits))
    left = gather(table, index)
    return add(left, rshift(mul(sub(gather(table, add(index, 1)), left), rest), bits))


def exp2_q15(x: Var) -> Var:
    """Compute 2**x in Q15 for x <= 0 in Q10, as featurizer.fixed.exp2_q15 does."""
    fraction = op.mod(x, ints(1 << 10))  # has the sign of the divisor
    whole = op.div(sub(fraction, x), ints(1 << 10))
    return rshift_by(_interpolated(EXP2_TABLE, fraction, 10 - EXP2_BITS), op.min([whole, ints(31)]))


def sigmoid_q15(x: Var) -> Var:
    """Compute the hard sigmoid of int16 Q12, in Q15."""
    return clip(mul(add(x, 2 * ONE_Q12), 2), 0, ONE_Q15)


def tanh_q12(x: Var) -> Var:
    """Compute the hard tanh of int16 Q12, in Q12."""
    return clip(x, -ONE_Q12, ONE_Q12)


def softmax_q15(logits: Var) -> Var:
    """Compute the softmax of logits (K,), Q10, in Q15."""
    below_max = sub(logits, op.reduce_max(logits, axes=[0]))
    powers = exp2_q15(rshift(mul(below_max, LOG2_E_Q10), 10))
    quotient = op.div(mul(powers, 1 << 15), op.reduce_sum(powers))
    return op.min([quotient, ints(INT16_MAX)])


def _var(value: Var | npt.ArrayLike) -> Var:
    return value if isinstance(value, Var) else ints(value)
