"""A model with the thresholds and refractory times that its user has chosen for its words."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from featurizer import HOP, SAMPLE_RATE
from service.store.words import Tuning
from wakeword.model.file import Model
from wakeword.model.score import as_q15

FRAMES_PER_SECOND = SAMPLE_RATE / HOP


@dataclass(frozen=True, eq=False)
class TunedModel:
    """A model under its name, as it listens."""

    name: str
    own: Model  # as its file has it
    model: Model  # with the chosen thresholds, and the shortest refractory time of all words
    refractory: tuple[int, ...]  # by label: frames without another event of this model after an event of this label

    @cached_property
    def key(self) -> Hashable:
        """Return what tells the model from others, even if its file was replaced by that of other words."""
        return self.name, self.model.keywords


def tuned(name: str, model: Model, tunings: Mapping[str, Tuning]) -> TunedModel:
    """Return the model with these settings of its words. Ignore words that the model doesn't have."""
    settings = model.detector
    thresholds, refractory = list(settings.thresholds), [settings.refractory] * len(model.labels)
    for label in range(model.first_word, len(model.labels)):
        tuning = tunings.get(model.labels[label], Tuning())
        if tuning.threshold is not None:
            thresholds[label] = as_q15(tuning.threshold)
        if tuning.refractory is not None:
            refractory[label] = round(tuning.refractory * FRAMES_PER_SECOND)
    shortest = min(refractory[model.first_word :])
    detector = replace(settings, thresholds=tuple(thresholds), refractory=shortest)
    return TunedModel(name, model, replace(model, detector=detector), tuple(refractory))


def with_threshold(part: TunedModel, label: int, threshold: float) -> TunedModel:
    """Return a model with another threshold of one label, 0 to 1."""
    settings = part.model.detector
    thresholds = (*settings.thresholds[:label], as_q15(threshold), *settings.thresholds[label + 1 :])
    return replace(part, model=replace(part.model, detector=replace(settings, thresholds=thresholds)))
