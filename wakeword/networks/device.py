"""The device of a training, and a cell's step compiled for a GPU.

A CUDA device runs the plain loop over the frames with its step compiled. One compiled step serves any number of frames;
an unrolled loop takes minutes to compile, and again for another length. On a CPU nothing here changes a bit: the
compiled recurrence (fused.py) runs, or the plain loop.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Literal

import torch

from wakeword.errors import DeviceError

Choice = Literal["auto", "cpu", "cuda"]


def device_of(choice: Choice) -> torch.device:
    """Return the device to train on; "auto" is CUDA if torch finds it. Raises DeviceError if "cuda" is not there."""
    available = torch.cuda.is_available()
    if choice == "cuda" and not available:
        raise DeviceError("torch finds no CUDA device here; leave --device out to train on the CPU")
    return torch.device("cuda" if available and choice != "cpu" else "cpu")


@lru_cache
def compiled(step: Callable[..., Any], backend: str = "inductor") -> Callable[..., Any]:
    """Compile a step by torch.compile, once for each function. All that it reads is among its arguments, as `self`."""
    return torch.compile(step, backend=backend)


def fast(step: Callable[..., Any], device: torch.device) -> Callable[..., Any]:
    """Return the step to run on a device: compiled on CUDA, else unchanged."""
    return compiled(step) if device.type == "cuda" else step
