"""Decide what can be the samples of a stream, for every engine: an answer and a sentence that all of them give."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

# What NumPy and the libraries of others raise for what is no array, such as lists of different lengths, or a tensor of
# PyTorch that is on a GPU or has a gradient.
_NO_ARRAY = (ValueError, TypeError, RuntimeError)


def as_samples(samples: object) -> npt.NDArray[np.int16]:
    """Return samples as an array of int16, shape (n,).

    Whatever NumPy sees as such an array is taken without a conversion: arrays, contiguous or not, memory views and
    `array.array` of 16 bits, tensors.

    Raises:
        TypeError: The samples are anything else. The message says how to convert them.
    """
    array = _as_int16(samples)
    if array.ndim != 1:
        mix = f"to mix (n, channels) to mono: {_named(samples)}.mean(axis=1).astype(np.int16)"
        way_out = mix if array.ndim == 2 else "for one stream: np.ravel(samples)"
        raise TypeError(f"samples must have shape (n,), not {array.shape}; {way_out}")
    return array


def as_clips(clips: object) -> npt.NDArray[np.int16]:
    """Return clips as an array of int16, shape (n, samples).

    Raises:
        TypeError: The clips are anything else. The message says how to convert them.
    """
    array = _as_int16(clips)
    if array.ndim != 2:
        raise TypeError(f"clips must have shape (n, samples), not {array.shape}; a single one: samples[None]")
    return array


def as_array(values: object) -> npt.NDArray[Any] | None:
    """Return values as an array; None if they are none, as bytes, which don't tell what they hold."""
    if _are_bytes(values):
        return None
    try:
        return np.asarray(values)
    except _NO_ARRAY:
        return None


def _as_int16(samples: object) -> npt.NDArray[np.int16]:
    """Return samples of any shape as an array of int16; raise TypeError if they are anything else."""
    if _are_bytes(samples):
        raise TypeError("samples must be an int16 array, not bytes; for 16-bit PCM: np.frombuffer(data, np.int16)")
    array = as_array(samples)
    if array is None or array.dtype.kind not in "iufb":
        kind = f"an array of {samples.dtype}" if isinstance(samples, np.ndarray) else type(samples).__name__
        tensor = hasattr(samples, "detach")
        way_out = "for a tensor: samples.detach().cpu().numpy()" if tensor else "wakeword.detect reads audio files"
        raise TypeError(f"samples must be an int16 array, not {kind}; {way_out}")
    if isinstance(samples, (list, tuple, range)):  # even if all numbers fit: a long list would take seconds
        kind = type(samples).__name__
        raise TypeError(f"samples must be an int16 array, not {kind}; if they fit 16 bits: np.array(samples, np.int16)")
    if array.dtype.kind == "f":
        raise TypeError(
            f"samples must be int16, not {array.dtype}; for those between -1 and 1: "
            f"np.clip(32768 * {_named(samples)}, -32768, 32767).astype(np.int16)"
        )
    if array.dtype != np.int16:
        raise TypeError(
            f"samples must be int16, not {array.dtype}; if they fit 16 bits: {_named(samples)}.astype(np.int16)"
        )
    return array


def _are_bytes(values: object) -> bool:
    """Return whether values are bytes, whose numbers may be of any type."""
    return isinstance(values, (bytes, bytearray)) or (isinstance(values, memoryview) and values.itemsize == 1)


def _named(samples: object) -> str:
    """Return an expression for samples that has the methods of an array."""
    return "samples" if isinstance(samples, np.ndarray) else "np.array(samples)"
