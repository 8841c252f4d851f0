"""How often a model names a clip's word: the integer engine on the clips of a data folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from featurizer import pad_clip
from wakeword.data.examples import Examples, load_examples
from wakeword.data.keywords import SILENCE, UNKNOWN, KeywordSet
from wakeword.data.speech_commands import Split
from wakeword.errors import WakewordError
from wakeword.evaluation.intervals import wilson
from wakeword.inference.engine import Engine, open_engine
from wakeword.model.file import Model

RECIPE_SHARE = 0.10  # of silence and of unknown words, relative to the keyword clips (Warden 2018, section 7)


@dataclass(frozen=True)
class Evaluation:
    """Counts of true label (rows) against the label that the model gave (columns)."""

    model: str
    labels: tuple[str, ...]
    keywords: tuple[str, ...]
    split: str
    engine: str
    confusion: npt.NDArray[np.int64]  # (K, K)

    @property
    def count(self) -> int:
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        return float(np.trace(self.confusion) / self.count)

    @property
    def per_word(self) -> dict[str, float]:
        """Share of each label's clips that got this label; labels without a clip are left out."""
        totals = self.confusion.sum(axis=1)
        return {label: float(self.confusion[i, i] / totals[i]) for i, label in enumerate(self.labels) if totals[i] > 0}

    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the accuracy."""
        return wilson(int(np.trace(self.confusion)), self.count)

    def as_json(self) -> dict[str, Any]:
        """The object that `wakeword eval --json` prints."""
        return {
            "model": self.model,
            "keywords": list(self.keywords),
            "split": self.split,
            "n": self.count,
            "accuracy": self.accuracy,
            "per_word": self.per_word,
            "labels": list(self.labels),
            "confusion": self.confusion.tolist(),
            "engine": self.engine,
        }

    def as_text(self) -> str:
        """Accuracy with its interval, then each word's."""
        low, high = self.interval()
        lines = [
            f"{self.accuracy:.2%} of {self.count} clips ({self.split}, {self.engine} engine), "
            f"95 % interval {low:.1%} to {high:.1%}"
        ]
        totals = dict(zip(self.labels, self.confusion.sum(axis=1), strict=True))
        lines += [f"  {word:<12} {share:7.2%} of {totals[word]}" for word, share in self.per_word.items()]
        return "\n".join(lines)


def classify(engine: Engine, clips: npt.NDArray[np.int16]) -> npt.NDArray[np.int64]:
    """The label that leads at each clip's last frame, from a reset state: (n, samples) to (n,).

    It leads by its smoothed posterior, the score that the detector goes by.
    """
    found = np.empty(len(clips), np.int64)
    for i, clip in enumerate(pad_clip(clips)):
        engine.reset()
        found[i] = int(np.argmax(engine.push(clip).scores[-1]))
    return found


def confusion_matrix(true: npt.NDArray[np.int64], found: npt.NDArray[np.int64], labels: int) -> npt.NDArray[np.int64]:
    """Counts (labels, labels): rows the true label, columns the found one."""
    return np.bincount(true * labels + found, minlength=labels * labels).reshape(labels, labels)


def evaluate(
    loaded: Model,
    data: Path,
    *,
    split: Split = "test",
    keywords: KeywordSet | None = None,
    engine: Literal["auto", "c", "numpy"] = "auto",
    recipe: bool = False,
    name: str = "",
) -> Evaluation:
    """Evaluate a model on a data folder.

    Args:
        keywords: the words to tell apart; the model's own where None. They must be words of the model.
        recipe: draw unknown words and silence by the field's recipe, 10 % of the keyword clips each, in place
            of all that are there.

    Raises:
        WakewordError: a keyword that the model doesn't know, or as `dataset.load_examples`.
    """
    keywords = keywords or _keywords_of(loaded)
    foreign = [word for word in keywords.words if word not in loaded.keywords]
    if foreign:
        raise WakewordError(f"the model doesn't know {', '.join(foreign)}; it knows {', '.join(loaded.keywords)}")
    share = RECIPE_SHARE if recipe else None
    examples = load_examples(data, keywords, split, unknown=share, silence=share, missing_ok=True)
    if not len(examples):
        raise WakewordError(f"{data} has no {split} clips of {', '.join(keywords.labels)}")
    return evaluate_examples(loaded, examples, keywords, split=split, engine=engine, name=name)


def evaluate_examples(
    loaded: Model,
    examples: Examples,
    keywords: KeywordSet,
    *,
    split: str,
    engine: Engine | Literal["auto", "c", "numpy"] = "auto",
    name: str = "",
) -> Evaluation:
    """Evaluate a model on clips that are loaded; their labels are those of `keywords`."""
    runner = open_engine(loaded, engine) if isinstance(engine, str) else engine
    to_model = np.array([loaded.labels.index(label) for label in keywords.labels])
    found = classify(runner, examples.samples)
    if keywords.unknown:  # a word of the model that is not asked for counts as an unknown one
        found[~np.isin(found, to_model)] = loaded.labels.index(UNKNOWN)
    confusion = confusion_matrix(to_model[examples.labels], found, len(loaded.labels))
    return Evaluation(name, loaded.labels, keywords.words, split, runner.name, confusion)


def _keywords_of(loaded: Model) -> KeywordSet:
    return KeywordSet(
        ",".join(loaded.keywords), loaded.keywords, unknown=UNKNOWN in loaded.labels, silence=SILENCE in loaded.labels
    )
