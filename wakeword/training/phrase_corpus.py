"""What a model for spoken phrases learns from when there are no recordings of them: synthetic speech.

The phrase in many voices, and what it must not be taken for: confusions of it, its own beginnings and ends, running
speech, words one by one, those that are frequent and those that devices are told, and recordings of a data folder,
where there is one. All clips are of one length. What is said ends shortly before the clip does, as on a stream, where a
word is to be named when it is over.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.data.acoustics import Bank
from wakeword.data.augment import augment
from wakeword.data.examples import Examples, join, load_examples
from wakeword.data.keywords import RECORDED, SILENCE, UNKNOWN, KeywordSet
from wakeword.data.noise import babble, made_up_noise
from wakeword.data.speech_commands import background_noise
from wakeword.errors import WakewordError
from wakeword.inference.front_end import COMPUTER
from wakeword.phrases.confusions import apart_from, common_words, confusions, running_speech
from wakeword.synth.clips import Clip, Studio
from wakeword.synth.voice import Saying
from wakeword.training.corpus import Corpus
from wakeword.training.epochs import Kinds
from wakeword.training.presets import TrainConfig

# What is made, and how many clips; what it gives is called for each of them.
Progress = Callable[[str, int], AbstractContextManager[Callable[[], None]]]


@dataclass(frozen=True)
class PhraseClips:
    """How many clips are made, of each phrase or for all of them, and how they lie in time."""

    positives: int
    confusions: int
    sentences: int  # for all phrases
    words: int  # frequent ones, likewise
    takes: int  # of each word that devices are told, by Speech Commands
    silence: float = 0.2  # clips of noise alone, relative to the positives
    broken: float = 0.3  # of the positives, its beginnings and its ends
    near: float = 0.25  # how often broken phrases and confusions are drawn, relative to each other kind of speech
    margin: float = 0.5  # seconds that a clip is longer than nearly all of the phrases
    pause: tuple[float, float] = (0.1, 0.4)  # seconds from the end of what is said to that of the clip
    validation: float = 0.1  # share of the voices that validate


def phrase_corpus(
    config: TrainConfig,
    keywords: KeywordSet,
    studio: Studio,
    wanted: PhraseClips,
    *,
    rooms: Bank = (),
    data: Path | None = None,
    extra: Path | None = None,
    progress: Progress = lambda what, count: nullcontext(lambda: None),
) -> Corpus:
    """Make the clips, or take them from the studio's cache, as a corpus to train on.

    data: a folder of words that are none of the phrases, in the layout of Speech Commands. extra: recordings of the
    phrases, or of what was taken for one (`_unknown_`), which are trained on. Voices of the validation clips aren't
    heard in training.

    Raises:
        WakewordError: an engine fails, a folder can't be used, or the disk is full.
    """
    made = _make(config, keywords, studio, wanted, data, extra, progress)
    near = len(keywords.words)  # the kind after the phrases' own
    examples = made.examples
    is_validation = np.array([_validates(name, wanted.validation) for name in examples.names])
    is_phrase = np.isin(examples.labels, [keywords.labels.index(phrase) for phrase in keywords.words])
    training = examples.at(~is_validation)
    return Corpus(
        keywords,
        training,
        _as_heard(examples.at(is_validation), config, keywords, made.noises, rooms),
        # A threshold is for what is said in a room by chance, and as it was recorded: what training does to clips is
        # more than rooms do, and a threshold by that is too high. What is said counts by every voice: of those that
        # validate there are so few clips that the loudest one's luck would decide, and in clips that were trained on
        # the phrase is heard no less often.
        examples.at((made.kinds != near) & (is_validation | ~is_phrase)),
        made.noises,
        keywords.labels,
        training.labels,
        COMPUTER,
        Kinds(made.kinds[~is_validation], np.where(np.arange(made.kinds.max() + 1) == near, wanted.near, 1.0)),
        rooms,
        {"synthetic_clips": len(made.spoken), "voices": studio.licences(made.spoken)},
    )


@dataclass(frozen=True, eq=False)
class _Made:
    """All clips, before they are parted."""

    examples: Examples
    kinds: npt.NDArray[np.int64]  # (n,): 0 and on are the phrases, then what is near them, then what is not
    noises: list[Samples]
    spoken: list[Clip]


def _make(
    config: TrainConfig,
    keywords: KeywordSet,
    studio: Studio,
    wanted: PhraseClips,
    data: Path | None,
    extra: Path | None,
    progress: Progress,
) -> _Made:
    phrases = keywords.words
    said = {phrase: _speak(studio, [Saying(phrase)] * wanted.positives, phrase, progress) for phrase in phrases}
    others = [
        _speak(studio, _sayings(phrase, wanted, config.seed), f"what {phrase!r} is not", progress) for phrase in phrases
    ]
    sentences = [Saying(text) for text in running_speech(phrases, wanted.sentences, config.seed)]
    speech = _speak(studio, sentences, "running speech", progress)
    told = wanted.takes * list(apart_from(phrases, sorted(RECORDED)))
    alone = [Saying(word) for word in (*told, *common_words(phrases, wanted.words, config.seed))]
    words = _speak(studio, alone, "single words", progress)
    length = _length(said, wanted)
    place = _Place(keywords, length, wanted, config.seed)
    rng = np.random.default_rng([config.seed, 1])
    utterances = [clip.read() for clip in speech]
    noises = background_noise(data) if data else []
    noises += made_up_noise(rng) + [babble(utterances, rng, voices) for voices in (3, 6, 12) if utterances]
    near = join(*(place.broken(clips) for clips in said.values()), *map(place.negatives, others))
    parts = [
        *(place.positives(phrase, clips) for phrase, clips in said.items()),
        near,
        place.running(speech),
        place.negatives(words),
        *_recordings(place, data, extra, config.seed),
        place.silence(noises, round(wanted.silence * wanted.positives * len(phrases))),
    ]
    kinds = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    spoken = [clip for clips in (*said.values(), *others, speech, words) for clip in clips]
    return _Made(join(*parts), kinds, noises, spoken)


def _as_heard(
    examples: Examples, config: TrainConfig, keywords: KeywordSet, noises: Sequence[Samples], rooms: Bank
) -> Examples:
    """The clips in noise and rooms, as training hears them: between synthetic words is a silence that no room has."""
    rng = np.random.default_rng([config.seed, 4])
    samples, silent = np.empty_like(examples.samples), keywords.labels.index(SILENCE)
    for row, clip, label in zip(samples, examples.samples, examples.labels, strict=True):
        row[:] = augment(clip, noises, rng, config.augmentation, silence=bool(label == silent), rooms=rooms)
    return replace(examples, samples=samples)


def _speak(studio: Studio, sayings: Sequence[Saying], what: str, progress: Progress) -> list[Clip]:
    with progress(what, len(sayings)) as made:
        clips = studio.synthesise(sayings, made)
    if sayings and not clips:
        raise WakewordError(f"no clip of {what} came out right")
    return clips


def _sayings(phrase: str, wanted: PhraseClips, seed: int) -> list[Saying]:
    return [Saying(found.text, found.ipa) for found in confusions(phrase, wanted.confusions, seed)]


def _length(said: dict[str, list[Clip]], wanted: PhraseClips) -> int:
    """Samples of a clip: room for nearly all of the phrases, in tenths of a second, a second at least."""
    longest = max(np.quantile([clip.seconds for clip in clips], 0.95) for clips in said.values())
    return max(10, int(np.ceil(10 * (longest + wanted.margin)))) * SAMPLE_RATE // 10


def _validates(name: str, share: float) -> bool:
    """Whether a voice, a speaker, or where nobody speaks a cut of noise, validates: the same ones for ever."""
    speaker = name.split("/")[-1].split("#")[0].split("_nohash_")[0]
    return zlib.crc32(speaker.encode()) % 1000 < 1000 * share


@dataclass(frozen=True)
class _Place:
    """Puts what is said into clips. Names are of the form label/voice#number."""

    keywords: KeywordSet
    length: int
    wanted: PhraseClips
    seed: int

    def positives(self, phrase: str, clips: Sequence[Clip]) -> Examples:
        spoken = [(_voice(clip), self._at_end(clip.read(), _rng(self.seed, clip))) for clip in clips]
        return self._examples(self.keywords.labels.index(phrase), spoken)

    def broken(self, clips: Sequence[Clip]) -> Examples:
        """Of some clips of a phrase the beginning, which breaks off, or the end."""
        cuts = []
        for clip in clips[: round(self.wanted.broken * len(clips))]:
            rng, samples = _rng(self.seed + 1, clip), clip.read()
            cut = round(len(samples) * rng.uniform(0.3, 0.65))
            cuts.append((_voice(clip), self._at_end(samples[:cut] if rng.random() < 0.5 else samples[cut:], rng)))
        return self._examples(self._unknown, cuts)

    def negatives(self, clips: Sequence[Clip]) -> Examples:
        """Each clip whole, or its last part."""
        spoken = [(_voice(clip), self._at_end(clip.read(), _rng(self.seed, clip))) for clip in clips]
        return self._examples(self._unknown, spoken)

    def running(self, clips: Sequence[Clip]) -> Examples:
        """Cuts of sentences, one for each half of a clip's length."""
        cuts = []
        for clip in clips:
            samples, rng = clip.read(), _rng(self.seed, clip)
            for _ in range(max(1, 2 * len(samples) // self.length)):
                end = int(rng.integers(min(self.length // 2, len(samples) - 1), len(samples))) + 1
                cuts.append((_voice(clip), self._at_end(samples[:end], rng)))
        return self._examples(self._unknown, cuts)

    def silence(self, noises: Sequence[Samples], count: int) -> Examples:
        """Cuts of noise from random places."""
        rng = np.random.default_rng([self.seed, 2])
        cuts = []
        for number in range(count):
            noise = noises[int(rng.integers(len(noises)))]
            start = int(rng.integers(max(1, len(noise) - self.length)))
            cuts.append((f"noise{number}", self._padded(noise[start : start + self.length])))
        return self._examples(self.keywords.labels.index(SILENCE), cuts)

    def recorded(self, examples: Examples) -> Examples:
        """Clips of a data folder, of another length."""
        rng = np.random.default_rng([self.seed, 3])
        samples = np.empty((len(examples), self.length), np.int16)
        for row, recorded in zip(samples, examples.samples, strict=True):
            row[:] = self._at_end(recorded, rng, pause=False)
        return replace(examples, samples=samples)

    @property
    def _unknown(self) -> int:
        return self.keywords.labels.index(UNKNOWN)

    def _examples(self, label: int, clips: Sequence[tuple[str, Samples]]) -> Examples:
        samples = np.stack([samples for _, samples in clips])
        names = tuple(f"{self.keywords.labels[label]}/{voice}#{n}" for n, (voice, _) in enumerate(clips))
        return Examples(samples, np.full(len(clips), label, np.int64), names)

    def _at_end(self, samples: Samples, rng: np.random.Generator, pause: bool = True) -> Samples:
        """A clip that what is said ends in, its beginning cut off where it is too long."""
        after = round(rng.uniform(*self.wanted.pause) * SAMPLE_RATE) if pause else 0
        kept = samples[-(self.length - after) :]
        return np.pad(kept, (self.length - after - len(kept), after))

    def _padded(self, samples: Samples) -> Samples:
        return np.pad(samples, (0, self.length - len(samples)))


def _voice(clip: Clip) -> str:
    return f"{clip.manner.engine}-{clip.manner.voice}"


def _rng(seed: int, clip: Clip) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(clip.path.name.encode())])


def _recordings(place: _Place, data: Path | None, extra: Path | None, seed: int) -> Iterator[Examples]:
    """Words of the data folder, as unknown, and all that `extra` holds."""
    if data is not None:
        yield place.recorded(load_examples(data, place.keywords, "training", silence=0, seed=seed, missing_ok=True))
    if extra is not None:
        yield place.recorded(load_examples(extra, place.keywords, "all", silence=0, missing_ok=True))
