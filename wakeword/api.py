"""The front door: load a model, detect its words in files, streams and the microphone."""

from __future__ import annotations

import logging
import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from featurizer.samples import as_samples
from wakeword.errors import UsageError
from wakeword.inference.cascade import CascadeEngine
from wakeword.inference.combined import CombinedEngine
from wakeword.inference.engine import Engine, EngineName
from wakeword.model import file, pretrained
from wakeword.model.score import as_fraction
from wakeword.model.vocabulary import Vocabulary

PathName = str | os.PathLike[str]


@dataclass(frozen=True)
class Detection:
    """A word, its score and its time."""

    word: str
    score: float  # the smoothed posterior at detection, a fraction of one: at or just above the word's threshold
    time: float  # seconds from the start of the stream
    model: str = ""  # the name of its model


class Model:
    """A trained model; `load` makes one.

    >>> import wakeword
    >>> model = wakeword.load("google12")
    >>> model.keywords
    ('yes', 'no', 'up', 'down', 'left', 'right', 'on', 'off', 'stop', 'go')
    """

    def __init__(self, model: file.Model, name: str = "") -> None:
        if not isinstance(model, file.Model):
            raise UsageError(f"wakeword.load makes a model, of a name or a path; Model itself takes no {_kind(model)}")
        self._model, self._name = model, name

    def __repr__(self) -> str:
        return f"<wakeword.Model of {', '.join(self.keywords)}>"

    @property
    def name(self) -> str:
        """Return the name that it was loaded by, of a file without folder and suffix."""
        return self._name

    @property
    def keywords(self) -> tuple[str, ...]:
        """Return the words that the model detects."""
        return self._model.keywords

    @property
    def thresholds(self) -> dict[str, float]:
        """Return the score from which each word is detected, a fraction of one."""
        return self._model.thresholds

    def with_thresholds(self, thresholds: float | Mapping[str, float]) -> Model:
        """Return a copy with another threshold for all words, or for those given.

        A lower threshold misses fewer words and raises more false accepts.

        >>> import wakeword
        >>> model = wakeword.load("google12").with_thresholds({"yes": 0.75})
        >>> model.thresholds["yes"]
        0.75
        >>> set(model.with_thresholds(0.5).thresholds.values())
        {0.5}

        Raises:
            ModelError: The model has no such word.
            UsageError: A threshold is not a number between 0 and 1.
        """
        by_word = thresholds if isinstance(thresholds, Mapping) else dict.fromkeys(self.keywords, thresholds)
        return Model(self._model.with_thresholds(by_word), self._name)

    def save(self, path: PathName) -> None:
        """Write the model to a file, which `load` and the command line read; an older file is replaced whole.

        Raises:
            DataError: The file can't be written.
            UsageError: The path is neither a string nor a path.
        """
        file.write_model(self._model, Path(_named(path, "save takes the path of a file")))

    def detector(
        self, engine: EngineName = "auto", verifier: Model | None = None, then: Model | Sequence[Model] = ()
    ) -> Detector:
        """Open a detector for one stream of audio.

        Args:
            engine: "c" is the C core, "numpy" the slower reference, equal to it bit for bit. "auto" takes the C core
                if the package was built with it.
            verifier: a second, larger model. It checks each detection of this one, and must know all of its words.
            then: models of commands. Their words are heard only for five seconds after a word of this one.

        Raises:
            ModelError: The verifier lacks a word of this model.
            UsageError: The engine is unknown, or it is "c" and the package was built without it; or a model is not of
                `load`, or given twice; or there is a verifier and another model besides.
        """
        return Detector(self, engine, verifier, then)


class Detector:
    """A detector of one stream, for one model or several. Use one for each stream, from one thread at a time.

    Several models share one front end, so that each costs less than a detector of its own.

    >>> import numpy as np, wakeword
    >>> detector = wakeword.Detector([wakeword.load("google12"), wakeword.load("digits10")])
    >>> detector.push(np.zeros(16_000, np.int16))  # a second of silence
    []
    """

    def __init__(
        self,
        model: Model | Sequence[Model],
        engine: EngineName = "auto",
        verifier: Model | None = None,
        then: Model | Sequence[Model] = (),
    ) -> None:
        """Open a detector of the models; the other arguments and the errors are those of `Model.detector`."""
        models, commands = _checked_models(model), _checked_models(then)
        if not models:
            raise UsageError("no model is given; wakeword.load returns one")
        every = [(each.name, each._model) for each in models + commands]
        self._columns = Vocabulary.of(every).columns
        if verifier is None:
            self._engine: Engine = CombinedEngine([it._model for it in models], [it._model for it in commands], engine)
        elif len(every) > 1:
            raise UsageError("a verifier checks the detections of one model; leave out the others, or the verifier")
        else:
            self._engine = CascadeEngine(models[0]._model, _checked_model(verifier)._model, engine)

    def push(self, samples: Samples) -> list[Detection]:
        """Take the next samples of the stream; return the detections that they complete.

        samples: int16 at 16 kHz, shape (n,). The size of a chunk changes no detection.

        Raises:
            UsageError: The samples have another type or shape; the message says how to convert them.
        """
        events = ((event, self._columns[event.label]) for event in self._engine.push(_checked(samples)).events)
        return [Detection(it.label, as_fraction(event.score), event.time, it.model) for event, it in events]

    def reset(self) -> None:
        """Begin a new stream: forget all samples, and count time from zero."""
        self._engine.reset()


def models() -> list[str]:
    """Return the names of the models that come with the package, each for `load`.

    >>> import wakeword
    >>> "google12" in wakeword.models()
    True
    """
    return list(pretrained.shipped_models())


def load(name: PathName = pretrained.DEFAULT) -> Model:
    """Load a model by its shipped name (see `models`) or from a file.

    Raises:
        ModelError: There is no such model, or the file is damaged, of another version or no model.
        UsageError: The name is neither a string nor a path.
    """
    spec = _named(name, "load takes the name of a shipped model or the path of a file")
    return Model(pretrained.load_model(spec), pretrained.model_name(spec))


def detect(
    source: PathName | Samples,
    model: Model | Sequence[Model],
    verifier: Model | None = None,
    then: Model | Sequence[Model] = (),
) -> list[Detection]:
    """Detect the words of a model, or of several, in a recording.

    source: an audio file of any format, rate and number of channels, or samples: int16 at 16 kHz, shape (n,).
    verifier, then: as for `Model.detector`.

    >>> import wakeword
    >>> [found.word for found in wakeword.detect("speech.flac", wakeword.load("google12"))][:3]
    ['yes', 'go', 'left']

    Raises:
        DataError: The file can't be read as audio.
        UsageError: The samples have another type or shape, or the model is not of `load`.
    """
    detector = Detector(model, verifier=verifier, then=then)
    if not isinstance(source, (str, os.PathLike)):
        return detector.push(source)
    from wakeword.audio.files import blocks  # a program that has its own samples needs no audio library

    return [found for block in blocks(source, SAMPLE_RATE) for found in detector.push(block)]


def listen(
    model: Model | Sequence[Model],
    device: str | None = None,
    verifier: Model | None = None,
    then: Model | Sequence[Model] = (),
) -> Generator[Detection, None, None]:
    """Detect the words of a model, or of several, at the microphone, for ever. A detection comes at once.

    The microphone is closed when the iterator is: by its `close`, or when a loop is left and nothing else holds it.
    Samples that the computer loses are reported to the logger "wakeword".

    device: the microphone's index, or a part of its name that no other has; None is the system's default.
    verifier, then: as for `Model.detector`.

    Raises (while iterating):
        DeviceError: There is no such microphone, it can't be opened, or it has gone away.
    """
    return _listen(Detector(model, verifier=verifier, then=then), device)


def _listen(detector: Detector, device: str | None) -> Generator[Detection, None, None]:
    from wakeword.audio.microphone import microphone

    with closing(microphone(device, logging.getLogger("wakeword").warning)) as blocks:
        for block in blocks:
            yield from detector.push(block)


def _named(path: object, wanted: str) -> str:
    """Return a path as text; raise UsageError, which begins with what is wanted, if it is none."""
    name = os.fspath(path) if isinstance(path, os.PathLike) else path
    if isinstance(name, str):
        return name
    raise UsageError(f"{wanted}, not {_kind(name)}")


def _checked_models(models: object) -> list[Model]:
    """Return one model or several as a list; raise UsageError if anything else is among them."""
    if isinstance(models, Sequence) and not isinstance(models, str):
        return [_checked_model(model) for model in models]
    return [_checked_model(models)]


def _checked_model(model: object) -> Model:
    """Return the model; raise UsageError if it is anything else, such as its name."""
    if isinstance(model, Model):
        return model
    raise UsageError(f"the model must be one that wakeword.load returned, not {_kind(model)}")


def _kind(value: object) -> str:
    """Return the name of a value's type, for a message."""
    return type(value).__name__


def _checked(samples: object) -> Samples:
    """Return the samples as an array of int16, shape (n,); raise UsageError if they are anything else."""
    try:
        return as_samples(samples)
    except TypeError as error:
        raise UsageError(str(error)) from None
