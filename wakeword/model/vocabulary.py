"""The labels of several models side by side: the columns of a trace of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wakeword.errors import UsageError
from wakeword.model.file import Model


@dataclass(frozen=True)
class Column:
    """A label of one of the models."""

    label: str
    model: str  # its name
    is_word: bool
    threshold: int  # Q15; without a meaning for other labels than words


@dataclass(frozen=True)
class Vocabulary:
    """The labels of models, in the order of the models."""

    columns: tuple[Column, ...]

    @classmethod
    def of(cls, models: Sequence[tuple[str, Model]]) -> Vocabulary:
        """Return the labels of models, each with its name. Raises UsageError if two have the same name."""
        names = [name for name, _ in models]
        if twice := [name for name in names if names.count(name) > 1]:
            raise UsageError(f"the model {twice[0]} is given twice; give each once")
        return cls(
            tuple(
                Column(label, name, index >= model.first_word, model.detector.thresholds[index])
                for name, model in models
                for index, label in enumerate(model.labels)
            )
        )

    @property
    def words(self) -> tuple[int, ...]:
        """Return the columns that are words."""
        return tuple(index for index, column in enumerate(self.columns) if column.is_word)

    @property
    def is_of_one_model(self) -> bool:
        """Return whether all labels are of one model."""
        return len({column.model for column in self.columns}) == 1

    @property
    def shown(self) -> tuple[str, ...]:
        """Return each label as people are shown it: with its model, if another model has the same word."""
        labels = [self.columns[word].label for word in self.words]
        return tuple(
            f"{column.label} ({column.model})" if column.is_word and labels.count(column.label) > 1 else column.label
            for column in self.columns
        )
