"""Tabulate alpha and beta of FastRNNs trained on Speech Commands against steps a second, as Table 7 of the paper.

    wakeword sweep --out RUNS --keywords digits10 --data DATA --preset paper --cell fastrnn --set frames_per_step=1,3,9
    python -m bench.residual RUNS

alpha weighs the update of the hidden state, beta its old value (Kusupati et al. 2018, equation 2). By Section 3.1.1
alpha is of the order of 1 / steps, and beta near 1 - alpha.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bench.accuracy.groups import Group, Spread, grouped
from bench.options import Parser, errors_in_one_line
from featurizer import HOP, SAMPLE_RATE
from wakeword.errors import DataError
from wakeword.sweeps.results import Result, model_path, read_table


def main() -> None:
    """Parse the arguments, read the weights, and print a Markdown table."""
    parser = Parser("residual", __doc__, module=True)
    parser.add_argument("runs", type=Path, metavar="RUNS", help="folder of a sweep with --cell fastrnn")
    options = parser.parse_args()
    with errors_in_one_line():
        print(table(options.runs, read_table(options.runs)))


def table(runs: Path, results: Iterable[Result]) -> str:
    """Return a line for each training, most steps first, with means and standard deviations over seeds.

    Raises DataError if no result is of a FastRNN, or its weights can't be read.
    """
    groups = [group for each in grouped(results).values() for group in each if group.any.cell == "fastrnn"]
    if not groups:
        raise DataError(f"{runs} has no FastRNN: give a sweep with --cell fastrnn")
    header = ["steps a second", "seeds", "alpha", "beta", "alpha x steps", "accuracy, validation, %"]
    lines = [header, ["---"] * len(header)]
    lines += [_line(runs, group) for group in sorted(groups, key=_steps, reverse=True)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _steps(group: Group) -> int:
    """Return the network's steps per second of audio."""
    frames_per_step: int = group.any.config["cell"]["frames_per_step"]
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
    """Read alpha and beta of the FastRNN in the training folder beside `model`. Raises DataError."""
    import torch  # takes seconds

    path = model.with_suffix(".training") / "float.pt"
    try:
        weights = torch.load(path, weights_only=True)["net"]
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}; train this run again") from error
    return float(torch.sigmoid(weights["cell.alpha_logit"])), float(torch.sigmoid(weights["cell.beta_logit"]))


if __name__ == "__main__":
    main()
