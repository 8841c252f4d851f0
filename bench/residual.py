"""What a trained FastRNN's alpha and beta come to with ever fewer steps: the paper's Table 7.

    wakeword sweep --out RUNS --keywords digits10 --data DATA --preset paper --cell fastrnn --set stack=1,3,9
    python bench/residual.py RUNS

alpha weighs what a step adds to the hidden state, beta what it keeps of it (equation 2). Section 3.1.1 of the paper has
alpha of the order of 1 / steps, and beta near 1 - alpha.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import torch

from featurizer import HOP, SAMPLE_RATE
from wakeword.errors import WakewordError
from wakeword.results import Result, model_path, read_table


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
    """A line for each number of steps, most first; means and standard deviations over seeds.

    Raises WakewordError where no result is of a FastRNN.
    """
    found: dict[int, list[tuple[Result, float, float]]] = defaultdict(list)
    for result in results:
        if result.cell == "fastrnn":
            found[result.made["cell"]["stack"]].append((result, *residual_weights(model_path(runs, result.trial))))
    if not found:
        raise WakewordError(f"{runs} has no FastRNN: its sweep needs --cell fastrnn")
    lines = ["| steps a second | seeds | alpha | beta | alpha x steps | accuracy, validation, % |", "|---" * 6 + "|"]
    for stack in sorted(found):
        steps = SAMPLE_RATE // HOP // stack
        rows, alphas, betas = zip(*found[stack], strict=True)
        shares = [100 * (row.accuracy("validation") or 0.0) for row in rows]
        reach = _spread([alpha * steps for alpha in alphas], 2)
        cells = [str(steps), str(len(rows)), _spread(alphas, 4), _spread(betas, 4), reach, _spread(shares, 1)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def residual_weights(model: Path) -> tuple[float, float]:
    """alpha and beta of the FastRNN that a run has left beside `model`."""
    weights = torch.load(model.with_suffix(".training") / "float.pt", weights_only=True)["net"]
    return float(torch.sigmoid(weights["cell.alpha_logit"])), float(torch.sigmoid(weights["cell.beta_logit"]))


def _spread(values: Iterable[float], digits: int) -> str:
    values = list(values)
    mean = f"{statistics.fmean(values):.{digits}f}"
    return f"{mean} ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else mean


if __name__ == "__main__":
    main()
