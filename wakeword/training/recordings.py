"""The recordings of a corpus that is synthetic for the rest: of its phrases, of other words, of false accepts."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wakeword.data.examples import Examples, join, load_examples
from wakeword.data.keywords import UNKNOWN, KeywordSet
from wakeword.data.speech_commands import speaker_of
from wakeword.data.split_lists import Split
from wakeword.data.splits import FEW_CLIPS, Splits, split_clips


@dataclass(frozen=True, eq=False)
class Kind:
    """The examples of a kind, recorded or synthetic.

    weight: how often it is drawn. validates: (n,), whether each is for validation; None: a tenth of the voices is.
    """

    examples: Examples
    weight: float = 1.0
    validates: npt.NDArray[np.bool_] | None = None

    def splits(self, fraction: float) -> npt.NDArray[np.bool_]:
        """Return whether each example is for validation, (n,)."""
        if self.validates is not None:
            return self.validates
        return np.array([_validates(name, fraction) for name in self.examples.names], bool)


@dataclass(frozen=True)
class Recordings:
    """Loads the recordings."""

    keywords: KeywordSet
    length: int
    left_out: Mapping[str, str]
    validation: float  # fraction of the speakers of other words and of false accepts kept for validation
    seed: int

    def of_data(self, root: Path) -> Iterator[Kind]:
        """Yield other words and silence, then the phrases.

        The folder's own split decides for the phrases, and for other words of few voices. A tenth of the other
        speakers validates.
        """
        few_others = UNKNOWN in self._splits(root).by_take
        training = self._load(root, "training")
        validation = self._load(root, "validation", unknown=None if few_others else 0.0, silence=0.0)
        trained, validated = self._is_phrase(training), self._is_phrase(validation)
        others = training.at(~trained)
        weight = min(1.0, len(others) / FEW_CLIPS)  # a handful must not crowd out what synthetic voices say
        if few_others:
            yield self._split(others, validation.at(~validated), weight)
        else:
            yield Kind(others, weight)
        yield self._split(training.at(trained), validation.at(validated))

    def of_extra(self, root: Path) -> Iterator[Kind]:
        """Yield all clips. If all of a label would validate, they are trained on, which is what they are for."""
        kind = Kind(self._load(root, "all"))
        validates = kind.splits(self.validation)
        for label in np.unique(kind.examples.labels):
            own = kind.examples.labels == label
            validates[own] &= not validates[own].all()
        yield replace(kind, validates=validates)

    def have_same_voice(self, root: Path) -> bool:
        """Return whether recordings of the phrases in validation are of the voices of training."""
        return bool(self._splits(root).same_voice)

    def _splits(self, root: Path) -> Splits:
        return split_clips(root, self.keywords, self.left_out)

    def _load(self, root: Path, split: Split, unknown: float | None = None, silence: float | None = None) -> Examples:
        return load_examples(
            root,
            self.keywords,
            split,
            unknown=unknown,
            silence=silence,
            length=self.length,
            lead="silence",  # as before synthetic speech
            left_out=self.left_out,
            cut_silence=False,
            missing_ok=True,
            seed=self.seed,
        )

    def _is_phrase(self, examples: Examples) -> npt.NDArray[np.bool_]:
        return examples.labels >= self.keywords.first_word

    @staticmethod
    def _split(training: Examples, validation: Examples, weight: float = 1.0) -> Kind:
        validates = np.repeat([False, True], [len(training), len(validation)])
        return Kind(join(training, validation), weight, validates)


def is_recorded(phrase: str, keywords: KeywordSet, data: Path | None) -> bool:
    """Return whether a data folder has training clips of a phrase."""
    return data is not None and bool(split_clips(data, keywords).of(phrase, "training"))


def _validates(name: str, fraction: float) -> bool:
    """Tell by a hash, the same in every run, whether a voice, a speaker or a cut of noise is for validation."""
    speaker = speaker_of(name).split("#")[0]
    return zlib.crc32(speaker.encode()) % 1000 < 1000 * fraction
