"""The models that listen to a stream at once, and their words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import lcm
from typing import NamedTuple

from service.detection.tuning import TunedModel
from wakeword.data.event_clip import samples_before
from wakeword.inference.combined import CombinedEngine
from wakeword.model.labels import comparable
from wakeword.model.vocabulary import Column, Vocabulary


class Word(NamedTuple):
    """A word of a model. Another model may have the same word."""

    model: str  # its name
    word: str

    @property
    def full_name(self) -> str:
        """Return a name that tells the word from that of another model."""
        return f"{self.word} ({self.model})"


@dataclass(frozen=True, eq=False)
class Setup:
    """What a source's engine runs. When it changes, a new engine continues the stream."""

    models: tuple[TunedModel, ...]  # one at least, of different names, also from the commands'
    commands: tuple[TunedModel, ...] = ()  # heard for some seconds after an event of the models
    candidate: TunedModel | None = None  # always listens too, but its events are delivered to nobody

    @cached_property
    def parts(self) -> tuple[TunedModel, ...]:
        """Return the models, then the commands: those whose events are delivered."""
        return self.models + self.commands

    @cached_property
    def always(self) -> tuple[TunedModel, ...]:
        """Return what always listens: the models, then the candidate."""
        return self.models if self.candidate is None else (*self.models, self.candidate)

    @cached_property
    def listening(self) -> tuple[TunedModel, ...]:
        """Return the models, the candidate, then the commands: the order of their columns in a trace."""
        return self.always + self.commands

    @cached_property
    def rival(self) -> TunedModel | None:
        """Return the model that the candidate would replace: the one that has most of its words. None: none has any."""
        if self.candidate is None:
            return None
        words = set(map(comparable, self.candidate.model.keywords))
        shared = [len(words & set(map(comparable, part.model.keywords))) for part in self.models]
        return self.models[shared.index(max(shared))] if any(shared) else None

    @cached_property
    def compared(self) -> tuple[str, ...]:
        """Return the names of the candidate and its rival, whose events are compared."""
        return tuple(part.name for part in (self.candidate, self.rival) if part is not None)

    @cached_property
    def delivered(self) -> Setup:
        """Return the setup without the candidate."""
        return self if self.candidate is None else replace(self, candidate=None)

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Return the label of each column of a trace."""
        return Vocabulary.of([(part.name, part.model) for part in self.listening]).columns

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary.of([(part.name, part.model) for part in self.parts])

    @cached_property
    def refractory(self) -> tuple[int, ...]:
        """Return, by column, the frames without another event of its model after an event."""
        return tuple(frames for part in self.listening for frames in part.refractory)

    @cached_property
    def word_columns(self) -> dict[str, slice]:
        """Return the columns of each model's words, by its name."""
        found, first = {}, 0
        for part in self.listening:
            end = first + len(part.model.labels)
            found[part.name] = slice(first + part.model.first_word, end)
            first = end
        return found

    @cached_property
    def samples_before(self) -> dict[str, int]:
        """Return, by model, the samples before the end of an event's frame that hold its whole word."""
        return {part.name: samples_before(part.model) for part in self.listening}

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """Return the words of all models but the candidate."""
        return tuple(Word(column.model, column.label) for column in self._vocabulary.columns if column.is_word)

    @cached_property
    def distinct_words(self) -> tuple[str, ...]:
        """Return the words, each once, however many models have it."""
        return tuple(dict.fromkeys(word for _, word in self.words))

    @cached_property
    def _names(self) -> dict[Word, str]:
        shown = zip(self._vocabulary.columns, self._vocabulary.shown, strict=True)
        return {Word(column.model, column.label): name for column, name in shown}

    def name_of(self, word: Word) -> str:
        """Return the name of a word, which names its model too if several models have the word."""
        return self._names.get(word, word.word)

    @cached_property
    def frames_per_step(self) -> int:
        """Return the frames after which all networks that always listen begin a step together."""
        return lcm(*(part.model.frames_per_step for part in self.always))

    def open_engine(self) -> CombinedEngine:
        """Open an engine for one stream."""
        silent = [] if self.candidate is None else [self.candidate.model]
        models, commands = ([part.model for part in parts] for parts in (self.models, self.commands))
        return CombinedEngine(models, commands, silent=silent)
