"""Models for tests of several at once: the demo recording says a wake word, and then commands of google12."""

from __future__ import annotations

from dataclasses import replace

from tests.service.live import words_of_demo
from wakeword.model.file import Model
from wakeword.model.pretrained import load_model

COMMAND_FRAMES = 500  # in which commands are heard after a word
SPOKEN = words_of_demo()[0][0]  # what the wake word sounds like


def wake_model(word: str = "computer") -> Model:
    """Return google12 with its first word of the demo recording under another name, and no other word ever raised."""
    model = load_model()
    labels = tuple({SPOKEN: word}.get(label, f"never {label}") for label in model.labels)
    thresholds = tuple(
        threshold if label == word else 32_767
        for label, threshold in zip(labels, model.detector.thresholds, strict=True)
    )
    return replace(model, labels=labels, detector=replace(model.detector, thresholds=thresholds))


def hard_of_hearing() -> Model:
    """Return google12, which never raises what `wake_model` hears."""
    model = load_model()
    pairs = zip(model.labels, model.detector.thresholds, strict=True)
    thresholds = tuple(32_767 if label == SPOKEN else threshold for label, threshold in pairs)
    return replace(model, detector=replace(model.detector, thresholds=thresholds))


def wakes() -> list[int]:
    """Return the frames at which the demo recording says the wake word."""
    return [frame for word, frame in words_of_demo() if word == SPOKEN]


def commands() -> list[str]:
    """Return the commands that the demo recording says while they are heard."""
    return [word for word, frame in words_of_demo() if any(wake < frame <= wake + COMMAND_FRAMES for wake in wakes())]
