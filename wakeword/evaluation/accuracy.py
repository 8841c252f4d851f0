"""Accuracy of a model on the clips of a data folder, by the integer engine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from featurizer import pad_clip
from wakeword.columns import padded
from wakeword.data.examples import Examples, load_examples
from wakeword.data.keywords import UNKNOWN, KeywordSet, matching
from wakeword.data.split_lists import SPLITS, Split
from wakeword.data.splits import split_clips
from wakeword.errors import DataError, ModelError
from wakeword.evaluation.intervals import wilson
from wakeword.evaluation.word_figures import WordFigures
from wakeword.inference.engine import Engine, open_engine
from wakeword.model.file import Model

# Speech Commands protocol: silence and unknown words, each relative to the keyword clips (Warden 2018, section 7)
PROTOCOL_SHARE = 0.10


@dataclass(frozen=True)
class Evaluation:
    """The confusion matrix of a model on some clips, and the figures that follow from it."""

    model: str
    labels: tuple[str, ...]
    keywords: tuple[str, ...]
    split: str
    engine: str
    confusion: npt.NDArray[np.int64]  # (K, K), rows: true label, columns: label given by the model
    words: tuple[WordFigures, ...] = ()  # at the thresholds that training chose

    @property
    def count(self) -> int:
        """Return the number of clips."""
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """Return the fraction of clips given their true label."""
        return float(np.trace(self.confusion) / self.count)

    @property
    def per_word(self) -> dict[str, float]:
        """Return the accuracy on each label's clips; labels without a clip are left out."""
        totals = self.confusion.sum(axis=1)
        return {label: float(self.confusion[i, i] / totals[i]) for i, label in enumerate(self.labels) if totals[i] > 0}

    def interval(self) -> tuple[float, float]:
        """Return Wilson's 95 % interval of the accuracy."""
        return wilson(int(np.trace(self.confusion)), self.count)

    def as_json(self) -> dict[str, Any]:
        """Return the object that `wakeword eval --json` prints."""
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
        } | ({"words": [word.as_json() for word in self.words]} if self.words else {})

    def as_text(self) -> str:
        """Return the accuracy with its interval, then that of each label, then what a user meets of each word."""
        low, high = self.interval()
        lines = [
            f"{self.accuracy:.2%} of {self.count} clips ({self.split}, {self.engine} engine), "
            f"95 % interval {low:.1%} to {high:.1%}"
        ]
        totals = dict(zip(self.labels, self.confusion.sum(axis=1), strict=True))
        lines += [f"  {padded(word, 12)} {share:7.2%} of {totals[word]}" for word, share in self.per_word.items()]
        if self.words:
            lines += ["Detected in a stream of clips:", *(word.as_text() for word in self.words)]
        return "\n".join(lines)


def classify(engine: Engine, clips: npt.NDArray[np.int16]) -> npt.NDArray[np.int64]:
    """Return the label with the highest score (smoothed posterior) at each clip's last frame: (n, samples) to (n,).

    The engine is reset before each clip.
    """
    found = np.empty(len(clips), np.int64)
    for i, clip in enumerate(pad_clip(clips)):
        engine.reset()
        found[i] = int(np.argmax(engine.push(clip).scores[-1]))
    return found


def confusion_matrix(true: npt.NDArray[np.int64], found: npt.NDArray[np.int64], labels: int) -> npt.NDArray[np.int64]:
    """Count pairs of labels: (labels, labels), rows the true label, columns the found one."""
    return np.bincount(true * labels + found, minlength=labels * labels).reshape(labels, labels)


def evaluate(
    model: Model,
    data: Path,
    *,
    split: Split = "test",
    keywords: KeywordSet | None = None,
    engine: Literal["auto", "c", "numpy"] = "auto",
    protocol: bool = False,
    name: str = "",
) -> Evaluation:
    """Evaluate a model on a data folder.

    Args:
        keywords: words of the model to tell apart; None: all of them.
        protocol: draw as many unknown words and as much silence as the Speech Commands protocol, `PROTOCOL_SHARE`,
            instead of all.

    Raises:
        ModelError: the model doesn't have a keyword.
        DataError: the folder has no clips of the keywords in this split.
        WakewordError: as `load_examples`.
    """
    keywords = keywords or KeywordSet.of_labels(model.labels)
    named = {word: matching(word, model.keywords) or "" for word in keywords.words}
    missing = [word for word, known in named.items() if not known]
    if missing:
        raise ModelError(f"the model doesn't know {', '.join(missing)}; it knows {', '.join(model.keywords)}")
    keywords = replace(keywords, words=tuple(named.values()))  # as the model spells them
    share = PROTOCOL_SHARE if protocol else None
    examples = load_examples(data, keywords, split, unknown=share, silence=share, missing_ok=True)
    if not len(examples):
        clips = split_clips(data, keywords)
        others = [other for other in SPLITS if any(clips.of(word, other) for word in keywords.words)]
        way_out = f"--split {' or '.join(others)}, or " if others else ""
        raise DataError(
            f"{data} has no {split} clips of {', '.join(keywords.labels)}: give {way_out}a folder that has a folder of "
            "clips for each word"
        )
    return evaluate_examples(model, examples, keywords, split=split, engine=engine, name=name)


def evaluate_examples(
    model: Model,
    examples: Examples,
    keywords: KeywordSet,
    *,
    split: str,
    engine: Engine | Literal["auto", "c", "numpy"] = "auto",
    name: str = "",
) -> Evaluation:
    """Evaluate a model on loaded clips, whose labels index `keywords.labels`."""
    runner = open_engine(model, engine) if isinstance(engine, str) else engine
    to_model = np.array([model.labels.index(label) for label in keywords.labels])
    found = classify(runner, examples.samples)
    if keywords.unknown:  # words of the model outside `keywords` count as unknown
        found[~np.isin(found, to_model)] = model.labels.index(UNKNOWN)
    confusion = confusion_matrix(to_model[examples.labels], found, len(model.labels))
    return Evaluation(name, model.labels, keywords.words, split, runner.name, confusion)
