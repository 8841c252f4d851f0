"""alpha and beta of trained FastRNNs, from the folder of a sweep: a line for each number of steps."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from bench.residual import residual_weights, table
from tests.bench.test_accuracy import RESULT
from wakeword.errors import WakewordError
from wakeword.sweeps.results import Result, model_path
from wakeword.training.presets import preset


def trained(runs: Path, frames_per_step: int, seed: int, alpha: float, beta: float) -> Result:
    config = asdict(preset("paper"))
    config["cell"]["frames_per_step"] = frames_per_step
    name = f"fastrnn-{frames_per_step}-{seed}"
    result = replace(
        RESULT, trial=name, cell="fastrnn", settings={"frames_per_step": frames_per_step}, seed=seed, config=config
    )
    folder = model_path(runs, result.trial).with_suffix(".training")
    folder.mkdir(parents=True)
    logits = {"cell.alpha_logit": torch.tensor(alpha).logit(), "cell.beta_logit": torch.tensor(beta).logit()}
    torch.save({"net": logits}, folder / "float.pt")
    return result


def test_each_number_of_steps_has_a_line_with_means_over_seeds(tmp_path: Path) -> None:
    results = [
        trained(tmp_path, 3, 0, alpha=0.05, beta=0.94),
        trained(tmp_path, 1, 0, alpha=0.01, beta=0.98),
        trained(tmp_path, 1, 1, alpha=0.03, beta=0.96),
    ]
    _, _, hundred, thirty = table(tmp_path, results).splitlines()
    assert hundred == "| 100 | 2 | 0.0200 ± 0.0141 | 0.9700 ± 0.0141 | 2.00 ± 1.41 | 90.0 ± 0.0 |"
    assert thirty == "| 33 | 1 | 0.0500 | 0.9400 | 1.65 | 90.0 |"


def test_the_weights_are_those_of_a_step(tmp_path: Path) -> None:
    result = trained(tmp_path, 1, 0, alpha=0.25, beta=0.75)
    assert residual_weights(model_path(tmp_path, result.trial)) == pytest.approx((0.25, 0.75))


def test_a_sweep_without_a_fastrnn_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WakewordError, match="has no FastRNN"):
        table(tmp_path, [RESULT])


def test_a_run_without_its_weights_is_one_line(tmp_path: Path) -> None:
    result = trained(tmp_path, 1, 0, alpha=0.25, beta=0.75)
    (model_path(tmp_path, result.trial).with_suffix(".training") / "float.pt").unlink()
    with pytest.raises(WakewordError, match=r"cannot read .*float\.pt: No such file"):
        table(tmp_path, [result])
