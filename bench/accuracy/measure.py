"""What a table of results doesn't have yet: accuracy on the test list, and what becomes of words never heard."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from featurizer.logmel import Samples
from wakeword.data.examples import load_examples
from wakeword.data.keywords import KeywordSet, keyword_set
from wakeword.data.speech_commands import list_clips
from wakeword.errors import WakewordError
from wakeword.sweeps.results import TABLE, Result, gather, model_path, read_table, write_result
from wakeword.sweeps.trial import measure_test
from wakeword.training.trained import load_trained


@dataclass(frozen=True)
class Foreign:
    """Clips of words that no training list had."""

    words: tuple[str, ...]
    clips: Samples  # (n, samples)


def measured(table: Path, data: Path | None) -> list[Result]:
    """The results of a table, each with its accuracy on the test list, measured and kept where it wasn't known.

    table: a sweep's folder, or the table in it. Raises WakewordError where data or models are needed and not there.
    """
    folder = table if table.is_dir() else table.parent
    results = read_table(table)
    missing = [result for result in results if "test" not in result.accuracies]
    if not missing:
        return results
    if data is None:
        raise WakewordError(f"{len(missing)} models of {table} were not tested yet, which needs --data DIR")
    for result in missing:
        found = measure_test(model_path(folder, result.trial), keyword_set(result.keywords), data)
        write_result(folder, replace(result, accuracies=result.accuracies | found))
    gather(folder)
    return read_table(folder / TABLE)


def load_foreign(spec: str, data: Path | None) -> Foreign:
    """The clips of a folder with a folder of them for each word, or of some words of the data.

    Raises WakewordError as `load_examples`, or where words are given and no data.
    """
    root = Path(spec)
    if root.is_dir():
        words = tuple(sorted({clip.word for clip in list_clips(root, "all") if not clip.word.startswith("_")}))
    elif data is None:
        raise WakewordError(f"{spec} is no folder; for words of the data say --data DIR")
    else:
        root, words = data, keyword_set(spec).words
    examples = load_examples(root, KeywordSet("foreign", words, unknown=False, silence=False), "all")
    return Foreign(words, examples.samples)


def false_accepts(table: Path, results: list[Result], foreign: Foreign) -> Iterator[tuple[str, float]]:
    """Of each result's trial, the share of foreign clips that the model as deployed takes for a keyword.

    Raises WakewordError for a word that a training has heard, or a model that can't be read.
    """
    folder = table if table.is_dir() else table.parent
    for result in results:
        heard = sorted(set(foreign.words) & set(result.heard))
        if heard:
            raise WakewordError(f"{', '.join(heard)}: heard in the training of {result.trial}, so not foreign to it")
        keywords = keyword_set(result.keywords)
        labels = load_trained(model_path(folder, result.trial), keywords).labels(foreign.clips)
        first_word = len(keywords.labels) - len(keywords.words)
        yield result.trial, float(np.mean(labels.get("integer", labels["float"]) >= first_word))
