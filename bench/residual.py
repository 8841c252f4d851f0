"""What a trained FastRNN's alpha and beta come to with ever fewer steps: the paper's Table 7.

    wakeword sweep --out RUNS --keywords digits10 --data DATA --preset paper --cell fastrnn --set frames_per_step=1,3,9
    python -m bench.residual RUNS

alpha weighs what a step adds to the hidden state, beta what it keeps of it (equation 2). Section 3.1.1 of the paper has
alpha of the order of 1 / steps, and beta near 1 - alpha.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import torch

from bench.accuracy.groups import Group, Spread, grouped
from featurizer import HOP, SAMPLE_RATE
from wakeword.errors import WakewordError
from wakeword.sweeps.results import Result, model_path, read_table


def main() -> None:
    """Parse, read the weights, print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, metavar="RUNS", help="the folder of a sweep with cells of FastRNN")
    options = parser.parse_args()
    try:
        print(table(options.runs, read_table(options.runs)))
    except WakewordError as error:
        sys.exit(f"wakeword: {error}")


def table(runs: Path, results: Iterable[Result]) -> str:
    """A line for each training, most steps first; means and standard deviations over seeds.

    Raises WakewordError where no result is of a FastRNN, or the weights of one can't be read.
    """
    groups = [group for each in grouped(results).values() for group in each if group.any.cell == "fastrnn"]
    if not groups:
        raise WakewordError(f"{runs} has no FastRNN: its sweep needs --cell fastrnn")
    header = ["steps a second", "seeds", "alpha", "beta", "alpha x steps", "accuracy, validation, %"]
    lines = [header, ["---"] * len(header)]
    lines += [_line(runs, group) for group in sorted(groups, key=_steps, reverse=True)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _steps(group: Group) -> int:
    """Of the network, in a second of audio."""
    frames_per_step: int = group.any.made["cell"]["frames_per_step"]
    return SAMPLE_RATE // HOP // frames_per_step


def _line(runs: Path, group: Group) -> list[str]:
    weights = [residual_weights(model_path(runs, result.trial)) for result in group.results]
    alpha, beta = (Spread.of(list(each)) for each in zip(*weights, strict=True))
    accuracy = group.accuracy("validation")
    return [
        str(_steps(group)),
        str(len(weights)),
        alpha.as_text(4),
        beta.as_text(4),
        alpha.as_text(2, scale=_steps(group)),
        accuracy.as_text(1, scale=100) if accuracy else "–",
    ]


def residual_weights(model: Path) -> tuple[float, float]:
    """alpha and beta of the FastRNN that a run has left beside `model`. Raises WakewordError."""
    path = model.with_suffix(".training") / "float.pt"
    try:
        weights = torch.load(path, weights_only=True)["net"]
    except OSError as error:
        raise WakewordError(f"cannot read {path}: {error.strerror}") from error
    return float(torch.sigmoid(weights["cell.alpha_logit"])), float(torch.sigmoid(weights["cell.beta_logit"]))


if __name__ == "__main__":
    main()
