"""The corpus of a training run: its clips, and the classes that they belong to."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from featurizer import FEATURE_BITS
from featurizer.logmel import Samples
from wakeword.data.acoustics import Bank
from wakeword.data.clip_length import clip_length
from wakeword.data.examples import MADE_NOISE, Examples, join, load_examples, word_classes
from wakeword.data.folders import left_out
from wakeword.data.keywords import UNKNOWN, KeywordSet
from wakeword.data.noise import synthetic_noise
from wakeword.data.running_speech import cut_windows, join_words, row_of_words
from wakeword.data.speech_commands import background_noise
from wakeword.data.splits import split_clips
from wakeword.evaluation.accuracy import PROTOCOL_SHARE
from wakeword.inference.front_end import LOG_MEL, FrontEnd
from wakeword.training.config import TrainConfig, unknown_for

VALIDATION = "validation"
SAME_VOICE = "validation, same voice as in training"

_JOINED = 4000  # clips of joined words at most: about an hour, as long as recordings that one finds


@dataclass(frozen=True, eq=False)
class Strata:
    """The kinds of the training examples. An epoch's clips of a label are shared out to the kinds by weight."""

    of: npt.NDArray[np.int64]  # (n,), of each example
    weights: npt.NDArray[np.float64]  # (strata,)


@dataclass(frozen=True, eq=False)
class Corpus:
    """The clips of a run."""

    keywords: KeywordSet
    training: Examples
    validation: Examples  # chooses the epoch: a sample of the unknown words (`_few_unknown`), 10 % silence
    calibration: Examples  # sets thresholds: the validation clips with all their unknown words, or more of those
    noises: list[Samples]  # behind any clip
    classes: tuple[str, ...]  # of the teacher: the labels, then each other word that has many training clips
    class_of: npt.NDArray[np.int64]  # (n,), of the training clips
    front_end: FrontEnd
    strata: Strata | None = None  # of the training clips. None: they are all of one kind
    running: npt.NDArray[np.bool_] | None = None  # (n,), whether a training clip is running speech, drawn by itself
    negatives: tuple[Samples, ...] = ()  # streams without a keyword, which set thresholds
    talk: tuple[Samples, ...] = ()  # people who talk behind a clip, but not behind one of silence
    rooms: Bank = ()  # impulse responses, for the augmentation of the training clips
    provenance: dict[str, Any] = field(default_factory=dict)  # of the clips, for the model
    validated_on: str = VALIDATION  # what an accuracy on the validation clips is said to be of

    @cached_property
    def features(self) -> Tensor:
        """The features of the validation clips, (n, T, D) in log2."""
        return as_log2(self.front_end.features(self.validation.samples))


def as_log2(features: npt.NDArray[np.int16]) -> Tensor:
    """Convert the front end's features, log2 in Q9, to float32."""
    return torch.from_numpy(features.astype(np.float32) * 2.0**-FEATURE_BITS)


def load_corpus(
    config: TrainConfig,
    keywords: KeywordSet,
    data: Path,
    extra: Path | None = None,
    front_end: FrontEnd = LOG_MEL,
    negatives: Samples | None = None,
) -> Corpus:
    """Load the clips of a data folder, and those of the folder `extra` as more training clips.

    If there are neither clips of silence nor recordings of noise to cut it from, noise is made up.

    negatives: speech in which nobody says a keyword, (samples,). Epochs draw clips of it as `config.draw.running` says,
        and of joined other words. It sets thresholds too, and so do the other words of validation in a row: speech of
        the same microphones as the keywords, which the model was not trained on.

    Raises DataError for a folder or a clip that can't be used.
    """
    roots = [root for root in (data, extra) if root is not None]
    without = left_out(roots, keywords, synthetic=False)
    noises = [noise for root in roots for noise in background_noise(root)]
    made = noises or synthetic_noise(np.random.default_rng([config.seed, 1]))
    load = partial(
        load_examples, keywords=keywords, length=clip_length(roots, keywords), left_out=without, made_noise=made
    )
    training = load(data, split="training", seed=config.seed)
    validation = load(data, split="validation", seed=config.seed)
    if not noises and any(name.startswith(MADE_NOISE) for name in training.names + validation.names):
        noises = made
    if extra is not None:
        training = join(training, load(extra, split="all", cut_silence=False, missing_ok=True))
    if config.selection.include_validation:
        training = join(training, validation)
    running = None
    streams = [] if negatives is None else [negatives]
    if negatives is not None and keywords.unknown:
        speech = _running_speech(training, negatives, keywords)
        running = np.repeat([False, True], [len(training), len(speech)])
        training = join(training, speech)
        streams.append(_other_words_in_a_row(validation, keywords))
    classes, class_of = word_classes(training, keywords)
    same_voice = split_clips(data, keywords, without).same_voice
    return Corpus(
        keywords,
        training,
        _few_unknown(validation, keywords, config.draw.negatives),
        validation,
        noises,
        classes,
        class_of,
        front_end,
        validated_on=SAME_VOICE if same_voice else VALIDATION,
        running=running,
        negatives=tuple(streams),
    )


def _running_speech(training: Examples, stream: Samples, keywords: KeywordSet) -> Examples:
    """Cut the stream into clips, and join other words, the same for every seed, so that one teacher serves them all."""
    unknown, length = keywords.labels.index(UNKNOWN), training.samples.shape[1]
    words = training.at(training.labels == unknown)
    joined = join_words(words, min(_JOINED, len(words)), np.random.default_rng(0))
    return join(cut_windows(stream, length, unknown), joined)


def _other_words_in_a_row(validation: Examples, keywords: KeywordSet) -> Samples:
    others = np.flatnonzero(validation.labels == keywords.labels.index(UNKNOWN))
    rng = np.random.default_rng(0)
    return row_of_words([validation.samples[index] for index in rng.permutation(others)], rng)


def _few_unknown(examples: Examples, keywords: KeywordSet, negatives: float) -> Examples:
    """Reduce the unknown words to a sample of them, the same for every seed of training.

    It is their share in the Speech Commands protocol, or as many as give each word so many negatives for each of its
    clips: of a single word, accuracy would else tell its misses alone.
    """
    if not keywords.unknown:
        return examples
    unknown = keywords.labels.index(UNKNOWN)
    clips = int((examples.labels >= keywords.first_word).sum())
    pool = np.flatnonzero(examples.labels == unknown)
    protocol, least = math.ceil(PROTOCOL_SHARE * clips), unknown_for(negatives, clips, len(keywords.words))
    drawn = np.random.default_rng(0).choice(pool, min(len(pool), max(protocol, least)), replace=False)
    kept = np.sort(np.concatenate([np.flatnonzero(examples.labels != unknown), drawn]))
    return examples.at(kept)
