"""Training on a GPU: which device, and a cell's step as one compiled function there.

On a CPU the compiled recurrence (fused.py) does the work, or the plain loop; nothing here then changes a bit. A CUDA
device gets the plain loop with its step compiled. The step, not the loop: compiled once, it serves any number of
frames, where an unrolled loop takes minutes to compile and is compiled anew for another length.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Literal

import torch

from wakeword.errors import WakewordError

Choice = Literal["auto", "cpu", "cuda"]


def device_of(choice: Choice) -> torch.device:
    """The device to train on; "auto" is CUDA where torch has it. Raises WakewordError where there is none."""
    available = torch.cuda.is_available()
    if choice == "cuda" and not available:
        raise WakewordError("torch finds no CUDA device here; leave --device out to train on the CPU")
    return torch.device("cuda" if available and choice != "cpu" else "cpu")


@lru_cache
def compiled(step: Callable[..., Any], backend: str = "inductor") -> Callable[..., Any]:
    """A step through torch.compile, once for each function. What it closes over is passed in, as `self` is."""
    return torch.compile(step, backend=backend)


def fast(step: Callable[..., Any], device: torch.device) -> Callable[..., Any]:
    """The step to run on a device: compiled on CUDA, else itself."""
    return compiled(step) if device.type == "cuda" else step
