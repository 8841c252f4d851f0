"""Thresholds of the detector, from how the model scores the validation clips when they come as one endless stream.

Clips of all labels follow each other in random order through one engine that is never reset. A word's threshold is
the lowest at which it is raised by at most one in `FOREIGN_CLIPS` of the clips that are not its own.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from wakeword.data.speech_commands import Examples
from wakeword.inference.front_end import COMPUTER, Hearing
from wakeword.model.file import DetectorSettings, Model
from wakeword.model.score import as_q15

FOREIGN_CLIPS = 100  # other words and noises, one second each, for one false accept of a word
LOWEST, HIGHEST = as_q15(0.30), as_q15(0.99)
_AFTER = 30  # frames after a clip's end that still count as its own: the average lags behind the word


def peak_scores(
    model: Model, examples: Examples, seed: int, hearing: Hearing = COMPUTER
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The highest smoothed posterior of each label during each clip and shortly after, in one stream.

    Returns the peaks (n, K) in Q15 and the clips' labels (n,), both in the order of the stream.
    """
    order = np.random.default_rng(seed).permutation(len(examples))
    engine = hearing.engine(model)
    nothing = np.zeros((0, len(model.labels)), np.int16)
    scores = np.concatenate([nothing, *(engine.push(examples.samples[i]).scores for i in order)])
    length = examples.samples.shape[1] // hearing.hop if len(order) > 1 else len(scores)
    starts = np.arange(len(order)) * examples.samples.shape[1] // hearing.hop
    windows = [scores[start + _AFTER : start + length + _AFTER] for start in starts]
    peaks = np.zeros((len(order), len(model.labels)), np.int64)
    for peak, window in zip(peaks, windows, strict=True):
        peak[:] = window.max(axis=0, initial=0)
    return peaks, examples.labels[order]


def calibrate(
    model: Model,
    examples: Examples,
    seed: int = 0,
    hearing: Hearing = COMPUTER,
    foreign_clips: int = FOREIGN_CLIPS,
) -> Model:
    """The model with the thresholds that its scores on these examples (labels as the model's) call for."""
    peaks, labels = peak_scores(model, examples, seed, hearing)
    before = np.concatenate([[-1], labels])[:-1]
    thresholds = [0] * len(model.labels)
    for word in range(model.first_word, len(model.labels)):
        # After a clip of the word its score may still be up: no sign of what it will do after anything else.
        foreign = np.sort(peaks[(labels != word) & (before != word), word])[::-1]
        allowed = len(foreign) // foreign_clips
        lowest = foreign[min(allowed, len(foreign) - 1)] + 1 if len(foreign) else LOWEST
        thresholds[word] = int(np.clip(lowest, LOWEST, HIGHEST))
    settings = model.detector
    return replace(model, detector=DetectorSettings(tuple(thresholds), settings.smoothing, settings.refractory))
