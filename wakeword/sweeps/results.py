"""What a sweep finds: a result for each trained model, and the table of all of them, one JSON object a line.

Each result lies beside its model; the table is made anew from them, whole, whenever one comes in. So neither a
killed worker nor a killed sweep can lose one, or leave half a line.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wakeword.errors import WakewordError
from wakeword.files import write_whole

if TYPE_CHECKING:  # it needs torch; reading results needs none
    from wakeword.training.trained import Weights

TABLE = "results.jsonl"
_TRIALS = "trials"
_RESULT = "result.json"


@dataclass(frozen=True)
class Result:
    """A trained model, how good it is, and what it takes."""

    trial: str  # the name of its folder
    keywords: str
    preset: str
    cell: str | None  # None: the preset's own network
    settings: dict[str, Any]  # what was set beside the preset
    seed: int
    weights: Weights
    # Share of clips that got their label, by split ("validation", "test", …) and then of the "integer" engine, where
    # the network has an integer form, and of the same network in "float".
    accuracies: dict[str, dict[str, float]]
    bytes: int  # of flash (`wakeword.model.size`)
    multiplications: int  # for a second of audio
    seconds: float  # of training, teacher included, on one core beside the other trials
    heard: list[str]  # words with clips in the data that it was trained on
    machine: str
    parallel: int | None  # trials that ran side by side, at most; None: as many as the cluster took
    version: str
    command: str  # that trains this model and those of the other seeds
    made: dict[str, Any] = field(default_factory=dict)  # the whole TrainConfig

    def accuracy(self, split: str) -> float | None:
        """As deployed: of the integer engine where there is one. None where it hasn't been measured."""
        found = self.accuracies.get(split, {})
        return found.get("integer", found.get("float"))


def trial_folder(folder: Path, trial: str) -> Path:
    """Where a trial of a sweep leaves its model, checkpoint and result."""
    return folder / _TRIALS / trial


def model_path(folder: Path, trial: str) -> Path:
    """Where a trial's model goes; its float weights lie in the `.training` folder beside it."""
    return trial_folder(folder, trial) / "model.safetensors"


def write_result(folder: Path, result: Result) -> None:
    """Keep a trial's result. Raises WakewordError where it can't be written."""
    write_whole(trial_folder(folder, result.trial) / _RESULT, _line(result))


def gather(folder: Path) -> list[Result]:
    """The results of all finished trials of a sweep's folder, which become its table.

    Raises WakewordError for a result that can't be read, or a table that can't be written.
    """
    files = sorted((folder / _TRIALS).glob(f"*/{_RESULT}"))
    results = [result for file in files for result in read_table(file)]
    if results:
        write_whole(folder / TABLE, b"".join(map(_line, results)))
    return results


def read_table(path: Path) -> list[Result]:
    """The results of a table, or of a folder that holds one. Raises WakewordError."""
    path = path / TABLE if path.is_dir() else path
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise WakewordError(f"{path} can't be read as a table of results: {error}") from error
    return list(_parsed(path, lines))


def _line(result: Result) -> bytes:
    return json.dumps(asdict(result), sort_keys=True).encode() + b"\n"


def _parsed(path: Path, lines: Iterable[str]) -> Iterable[Result]:
    for number, line in enumerate(lines, start=1):
        try:
            yield Result(**json.loads(line))
        except (ValueError, TypeError) as error:
            raise WakewordError(f"{path}, line {number}, is no result of a sweep: {error}") from error
