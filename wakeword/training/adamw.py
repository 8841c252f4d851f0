"""AdamW (Loshchilov and Hutter, ICLR 2019), with the bits of `torch.optim.AdamW` on the CPU.

torch's own optimizers load torch's compiler when the first of them is made, which takes longer than torch itself does.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor

_BETA1, _BETA2 = 0.9, 0.999  # decay of the averages of gradients, and of their squares
_EPSILON = 1e-8


class AdamW:
    """Adam whose weight decay is apart from its gradients. `param_groups` is read as that of torch's optimizers is."""

    def __init__(self, groups: Iterable[dict[str, Any]], lr: float) -> None:
        """Take groups of `params` that have one `weight_decay`."""
        self.param_groups = [{**group, "params": list(group["params"]), "lr": lr} for group in groups]
        self._state: dict[int, dict[str, Tensor]] = {}  # by the number of a parameter

    def zero_grad(self) -> None:
        """Drop the gradients."""
        for _, parameter, _ in self._numbered():
            parameter.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Change each parameter that has a gradient."""
        for number, parameter, group in self._numbered():
            gradient = parameter.grad
            if gradient is None:
                continue
            if number not in self._state:
                mean, square = torch.zeros_like(parameter), torch.zeros_like(parameter)
                self._state[number] = {"step": torch.tensor(0.0), "exp_avg": mean, "exp_avg_sq": square}
            state, rate = self._state[number], group["lr"]
            state["step"] += 1
            mean, square, steps = state["exp_avg"], state["exp_avg_sq"], state["step"].item()
            if group["weight_decay"]:
                parameter.mul_(1 - rate * group["weight_decay"])
            mean.lerp_(gradient, 1 - _BETA1)
            square.mul_(_BETA2).addcmul_(gradient, gradient, value=1 - _BETA2)
            deviation = (square.sqrt() / (1 - _BETA2**steps) ** 0.5).add_(_EPSILON)
            parameter.addcdiv_(mean, deviation, value=-rate / (1 - _BETA1**steps))

    def state_dict(self) -> dict[str, Any]:
        """Return the averages of each parameter, by its number, as `torch.optim.AdamW` has them."""
        return {"state": {number: dict(state) for number, state in self._state.items()}}

    def load_state_dict(self, content: dict[str, Any]) -> None:
        """Take over averages, of the same parameters."""
        parameters = {number: parameter for number, parameter, _ in self._numbered()}
        self._state = {
            number: {
                name: value.to("cpu" if name == "step" else parameters[number].device, copy=True)
                for name, value in state.items()
            }
            for number, state in content["state"].items()
        }

    def _numbered(self) -> Iterable[tuple[int, Tensor, dict[str, Any]]]:
        pairs = [(parameter, group) for group in self.param_groups for parameter in group["params"]]
        return ((number, parameter, group) for number, (parameter, group) in enumerate(pairs))
