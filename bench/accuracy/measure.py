"""Measure what a table of results lacks: accuracy on the test list, and false accepts of untrained words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from featurizer.logmel import Samples
from wakeword.data.examples import load_examples
from wakeword.data.keywords import KeywordSet, keyword_set
from wakeword.data.speech_commands import list_clips
from wakeword.errors import DataError, UsageError
from wakeword.sweeps.results import TABLE, Result, gather, model_path, read_table, write_result
from wakeword.sweeps.trial import measure_test
from wakeword.training.trained import load_trained

TEST_SPLITS = {"test", "test, protocol"}


@dataclass(frozen=True)
class Untrained:
    """Clips of words outside every training."""

    words: tuple[str, ...]
    clips: Samples  # (n, samples)


def measured(table: Path, data: Path | None) -> list[Result]:
    """Return the results of a table, after measuring and storing missing accuracies on the test list.

    table: a sweep's folder, or the table in it.

    Raises:
        UsageError: results are missing, and no data is given.
        WakewordError: data or models can't be read.
    """
    folder = table if table.is_dir() else table.parent
    results = read_table(table)
    missing = [result for result in results if not result.accuracies.keys() >= TEST_SPLITS]
    if not missing:
        return results
    if data is None:
        raise UsageError(f"{len(missing)} models of {table} have no test results yet: give --data DIR to test them")
    for result in missing:
        found = measure_test(model_path(folder, result.trial), keyword_set(result.keywords), data)
        write_result(folder, replace(result, accuracies=result.accuracies | found))
    gather(folder)
    return read_table(folder / TABLE)


def load_untrained(spec: str, data: Path | None) -> Untrained:
    """Load the clips of a folder with a folder for each word, or of WORD,WORD,... of the data.

    Raises:
        UsageError: words are given without data.
        WakewordError: as `load_examples`.
    """
    root = Path(spec)
    if root.is_dir():
        words = tuple(sorted({clip.word for clip in list_clips(root, "all") if not clip.word.startswith("_")}))
    elif data is None:
        raise UsageError(f"{spec} is not a folder; to use words of the data, give --data DIR")
    else:
        root, words = data, keyword_set(spec).words
    examples = load_examples(root, KeywordSet("untrained", words, unknown=False, silence=False), "all")
    return Untrained(words, examples.samples)


def accepted(table: Path, results: list[Result], untrained: Untrained) -> Iterator[tuple[str, float]]:
    """Yield for each result its trial and the fraction of untrained clips that the deployed model accepts as a keyword.

    Raises:
        DataError: one of the words is in a training.
        WakewordError: a model can't be read.
    """
    folder = table if table.is_dir() else table.parent
    for result in results:
        trained = sorted(set(untrained.words) & set(result.trained_words))
        if trained:
            raise DataError(
                f"{result.trial} was trained with {', '.join(trained)}: give --untrained words that no training has"
            )
        keywords = keyword_set(result.keywords)
        labels = load_trained(model_path(folder, result.trial), keywords).labels(untrained.clips)
        first_word = len(keywords.labels) - len(keywords.words)
        yield result.trial, float(np.mean(labels.get("integer", labels["float"]) >= first_word))
