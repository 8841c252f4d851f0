"""The results of a sweep: one for each trained model, and a table of all, one JSON object a line.

Each result lies beside its model. The table is written whole from them whenever one is added, so that a killed worker
or sweep neither loses a result nor leaves half a line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wakeword.errors import DataError
from wakeword.files import write_whole

if TYPE_CHECKING:  # it needs torch; reading results needs none
    from wakeword.training.trained import Weights

TABLE = "results.jsonl"
_TRIALS = "trials"
_RESULT = "result.json"


@dataclass(frozen=True)
class Result:
    """A trained model: its settings, accuracy and cost."""

    trial: str  # the name of its folder
    keywords: str
    preset: str
    cell: str | None  # None: the preset's own network
    settings: dict[str, Any]  # set beside the preset
    seed: int
    weights: Weights
    # By split ("validation", "test", …), then "integer" for the engine, if the network has an integer form, and "float"
    # for the same network.
    accuracies: dict[str, dict[str, float]]
    bytes: int  # of flash (`wakeword.model.size`)
    multiplications: int  # for a second of audio
    seconds: float  # of training, teacher included, on one core beside the other trials
    trained_words: list[str]  # words with clips in the training data, keywords or not
    machine: str
    parallel: int | None  # trials side by side, at most; None: as many as the cluster has room for
    version: str
    command: str  # trains this model and those of the other seeds
    config: dict[str, Any] = field(default_factory=dict)  # the whole TrainConfig

    def accuracy(self, split: str) -> float | None:
        """Return the accuracy as deployed: of integers if there are any. None if it hasn't been measured."""
        found = self.accuracies.get(split, {})
        return found.get("integer", found.get("float"))


def trial_folder(folder: Path, trial: str) -> Path:
    """Return the folder of a trial's model, checkpoint and result."""
    return folder / _TRIALS / trial


def model_path(folder: Path, trial: str) -> Path:
    """Return the path of a trial's model; its float weights lie in the `.training` folder beside it."""
    return trial_folder(folder, trial) / "model.safetensors"


def write_result(folder: Path, result: Result) -> None:
    """Write a trial's result. Raises WakewordError if it can't be written."""
    write_whole(trial_folder(folder, result.trial) / _RESULT, _line(result))


def gather(folder: Path) -> list[Result]:
    """Read the results of all finished trials in a sweep's folder, and write its table.

    Raises DataError for a result that can't be read, and WakewordError for a table that can't be written.
    """
    files = sorted((folder / _TRIALS).glob(f"*/{_RESULT}"))
    results = [result for file in files for result in read_table(file)]
    if results:
        write_whole(folder / TABLE, b"".join(map(_line, results)))
    return results


def read_table(path: Path) -> list[Result]:
    """Read the results of a table, or of a folder that holds one. Raises DataError."""
    path = path / TABLE if path.is_dir() else path
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", error)
        raise DataError(f"cannot read {path}: {reason}; give the folder of a wakeword sweep") from error
    return list(_parsed(path, lines))


def _line(result: Result) -> bytes:
    return json.dumps(asdict(result), sort_keys=True).encode() + b"\n"


def _parsed(path: Path, lines: Iterable[str]) -> Iterable[Result]:
    for number, line in enumerate(lines, start=1):
        try:
            yield Result(**json.loads(line))
        except (ValueError, TypeError) as error:
            raise DataError(f"{path}, line {number}, is no result of a sweep of this version: {error}") from error
