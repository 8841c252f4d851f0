"""The recurrence as one kernel: a cell's loop over the frames, forward and backward, in compiled C++ (kernel/).

The plain loop spends its time on thousands of operator calls for tiny products. The kernel takes all frames of sixteen
clips in one call, and equals the loop within float rounding. Torch's extension loader builds it on first use; without a
compiler, the plain loop runs.
"""

from __future__ import annotations

import hashlib
import logging
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import platformdirs
import torch
from torch import Tensor

from wakeword.networks.cell import Cell
from wakeword.networks.config import Gate
from wakeword.networks.fastgrnn import FastGRNN, FastRNN, gate_limit

_SOURCES = Path(__file__).with_name("kernel")
_FLAGS = ["-O3", "-march=native", "-std=c++20", "-fno-math-errno", "-fno-trapping-math", "-Wno-psabi"]
_GATES = {"sigmoid": 0, "tanh": 1, None: 2}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recurrence:
    """The kernel's settings beside tensors. A gate of None is FastRNN, whose gain and offset are alpha and beta."""

    gate: Gate | None
    piecewise: float  # 0 smooth, 1 piecewise linear
    gate_limit: float
    rank_bits: int | None = None  # fraction bits of the quantized rank vector; None: no rounding


@lru_cache(maxsize=1)
def kernel() -> Any | None:
    """Return the compiled operators. None if they can't be built; then the compiler's last line is logged once."""
    from filelock import FileLock
    from torch.utils.cpp_extension import load

    folder = build_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The loader waits for ever for a lock file of its own that a killed build left. This lock ends with its
        # process; its holder knows that no other process builds, and removes the loader's file.
        with FileLock(folder.with_suffix(".lock")):
            if (folder / "built").is_file():  # the folder's name is a digest of all that it was built from
                torch.ops.load_library(folder / "wakeword_fused.so")
                return torch.ops.wakeword
            (folder / "lock").unlink(missing_ok=True)
            load(
                "wakeword_fused",
                [str(_SOURCES / "recurrence.cpp")],
                extra_cflags=_FLAGS,
                build_directory=str(folder),
                is_python_module=False,
            )
            (folder / "built").touch()
    except Exception as error:  # the loader raises whatever its tools do
        log.warning("the fused kernel can't be built, training takes the slow way: %s", _last_line(error))
        return None
    return torch.ops.wakeword


def build_folder() -> Path:
    """Return the folder in the user's cache where the kernel is built: one for each source and processor.

    Code from -march=native may not run on another processor.
    """
    sources = "".join(source.read_text() for source in sorted(_SOURCES.iterdir()))
    what = f"{_processor()} {_FLAGS} {sources}"
    name = f"fused-{hashlib.sha256(what.encode()).hexdigest()[:12]}"
    return platformdirs.user_cache_path("wakeword", appauthor=False) / name


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        return next((line for line in cpuinfo.read_text().splitlines() if line.startswith("flags")), "")
    return f"{platform.machine()} {platform.processor()}"


def _last_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1]


class _Run(torch.autograd.Function):
    """The recurrence over all frames; its backward pass recomputes the non-linearities from the pre-activations."""

    @staticmethod
    def forward(
        ctx: Any,
        how: Recurrence,
        first: int,
        inputs: Tensor,
        initial: Tensor,
        gain: Tensor,
        offset: Tensor,
        *weights: Tensor,
    ) -> Tensor:
        ops = kernel()
        assert ops is not None
        ctx.settings = (
            [float(gain), float(offset), how.piecewise, how.gate_limit],
            _GATES[how.gate],
            -1 if how.rank_bits is None else how.rank_bits,
        )
        states, *kept = ops.recurrence_forward(inputs, initial, weights, *ctx.settings, first)
        ctx.save_for_backward(inputs, initial, *kept, *weights)
        return states

    @staticmethod
    def backward(ctx: Any, *flows: Tensor) -> Any:
        ops = kernel()
        assert ops is not None
        inputs, initial, *kept, a, s, p, bias_gate, bias_update = ctx.saved_tensors
        flow, weights = flows[0].contiguous(), (a, s, p, bias_gate, bias_update)
        gradients = ops.recurrence_backward(flow, inputs, initial, kept, weights, *ctx.settings)
        to_inputs, to_initial, *to_weights, scalars = gradients
        return None, None, to_inputs, to_initial, scalars[0], scalars[1], *to_weights


def run(
    how: Recurrence,
    inputs: Tensor,
    initial: Tensor,
    scalars: Sequence[Tensor],
    from_input: Tensor,
    from_state: Sequence[Tensor],
    biases: Sequence[Tensor],
    first: int = 0,
) -> Tensor:
    """Return the hidden states of a FastGRNN or FastRNN, (B, T - first, H); `kernel()` must not be None.

    inputs: (B, T, K), the rank vectors of the input, or the input itself if W is whole.
    initial: h_0, (B, H).
    scalars: zeta and nu, or alpha and beta.
    from_input: (H, K), W or its left factor.
    from_state: U as one matrix (H, H), or as two, (H, R) and (R, H).
    biases: of gate and update (H,); FastRNN uses only the second.
    first: the frame of the first state that is returned, counted from 0; frames before it cost less.
    """
    left, right = from_state if len(from_state) == 2 else (from_state[0], from_state[0].new_empty(0, 0))
    weights = [weight.contiguous() for weight in (from_input, left, right, *biases)]
    states: Tensor = _Run.apply(how, first, inputs.contiguous(), initial.contiguous(), *scalars, *weights)
    return states


def takes(cell: Cell, x: Tensor) -> bool:
    """Return whether the kernel can run this cell on this input."""
    return type(cell) in (FastGRNN, FastRNN) and x.device.type == "cpu" and kernel() is not None


def run_cell(cell: Cell, x: Tensor, initial: Tensor, first: int = 0) -> Tensor:
    """Return the states of cell(x, initial) from frame `first` on; the kernel must take the cell."""
    *last, outer = reversed(cell.input_matrices())
    for factor in last:
        x = x @ factor.T
    if isinstance(cell, FastGRNN):
        how = Recurrence(cell.config.gate, cell.piecewise, gate_limit(cell.config.frames_per_step))
        scalars, biases = (cell.zeta_logit, cell.nu_logit), (cell.bias_gate, cell.bias_update)
    else:
        assert isinstance(cell, FastRNN)
        how = Recurrence(None, cell.piecewise, 1)
        scalars, biases = (cell.alpha_logit, cell.beta_logit), (cell.bias, cell.bias)
    return run(how, x, initial, [s.sigmoid() for s in scalars], outer, cell.recurrent_matrices(), biases, first)
