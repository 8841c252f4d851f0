"""A model as it is to be run: with the thresholds and refractory times that its user has chosen for its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from featurizer import HOP, SAMPLE_RATE
from service.store.words import Tuning
from wakeword.model.file import Model
from wakeword.model.score import as_q15

FRAMES_PER_SECOND = SAMPLE_RATE / HOP
LONGEST = 600.0  # seconds of refractory time: a frame count of 16 bits holds no more than 655


@dataclass(frozen=True)
class Setup:
    """What a source's engine is made of; the engine of another setup takes over where this one's left off."""

    model_name: str
    model: Model  # with the chosen thresholds, and the shortest refractory time of all
    refractory: tuple[int, ...]  # frames by label: after an event of it, how long there is no other


def tuned(model_name: str, model: Model, tunings: Mapping[str, Tuning]) -> Setup:
    """The model with these words' settings; words that it doesn't know are left aside."""
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
    return Setup(model_name, replace(model, detector=detector), tuple(refractory))
