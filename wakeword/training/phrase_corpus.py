"""Build the corpus of a wake word that nobody has recorded, from synthetic speech.

The positives are clips of the phrase in many voices. The negatives are of these kinds, all of the class `_unknown_`;
the numbers are for one phrase and the default of 600 positives (`PhraseClips.for_positives`):

| negatives       | clips             | of                                                                       |
|-----------------|-------------------|--------------------------------------------------------------------------|
| hard negatives  | 600               | similar words and phrases, parts, changed phonemes (`phrases.negatives`) |
| partial phrases | 180               | the beginning or the end of a positive, cut out of its audio             |
| sentences       | 150, several cuts | everyday sentences that contain nothing like the phrase                  |
| frequent words  | 600               | single words unlike the phrase, the more frequent the likelier           |
| refused phrases | 300 each          | phrases that must not wake the model, if any are named                   |
| command words   | 280               | the 35 words of Speech Commands, 8 clips each; in other languages than   |
|                 |                   | English, the 35 most frequent words instead                              |
| recordings      | all               | the words of the folder `data`, and `_unknown_` of the folder `extra`    |
| running speech  | all               | recordings in which nobody says the phrase, cut into clips               |

No negative contains a phrase of the model. Hard negatives and partial phrases are drawn a quarter as often as each
other kind, and so is each refused phrase; unlike hard negatives, these set thresholds. Recordings of a phrase are a
kind of their own beside its synthetic clips, so the few of one's own voice are drawn as often as all of those together;
recorded other words are drawn less often if they are few. Noise alone, 120 clips, is the class `_silence_`. All clips
have one length. The speech ends shortly before its clip does, because on a stream a word is detected when it is over.
The recordings of running speech, or the sentences if there are none, are played behind other clips too: a wake word is
said in rooms where others talk.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.data.acoustics import Bank, Rooms, room_bank
from wakeword.data.augment import augment
from wakeword.data.clip_length import clip_length
from wakeword.data.examples import Examples, join
from wakeword.data.folders import left_out
from wakeword.data.keywords import SILENCE, UNKNOWN, KeywordSet
from wakeword.data.noise import babble, synthetic_noise
from wakeword.data.running_speech import background, cut_windows
from wakeword.data.speech_commands import background_noise
from wakeword.inference.front_end import LOG_MEL
from wakeword.phrases.letters import can_say
from wakeword.phrases.negatives import parts_without
from wakeword.synth.synthesizer import Synthesizer
from wakeword.synth.voice import Clip
from wakeword.synth.voices import default_paths, open_engines
from wakeword.training.config import TrainConfig
from wakeword.training.corpus import VALIDATION, Corpus, Strata
from wakeword.training.phrase_speech import PhraseClips, Progress, Speech, no_progress, speak_all
from wakeword.training.recordings import Kind, Recordings, is_recorded

SYNTHETIC_AND_SAME = "validation, synthetic voices and the same voice as in training"

_CUTS = (0.3, 0.65)  # where partial phrases are cut out of a clip, as a fraction of its length
_UNEVEN = 0.1  # of a clip: how far its phonemes may be from where they were if all of them had one length


def synthesize_corpus(
    config: TrainConfig,
    keywords: KeywordSet,
    positives: int,
    *,
    data: Path | None = None,
    extra: Path | None = None,
    negatives: Samples | None = None,
    refused: Sequence[str] = (),
    warn: Callable[[str], None],
    progress: Progress = no_progress,
) -> Corpus:
    """Build the corpus with every speech engine that is installed, in the simulated rooms of the user's cache.

    warn: called with a line on each engine that is missing. Otherwise as `phrase_corpus`.

    Raises:
        WakewordError: no engine is installed, or as `phrase_corpus`.
    """
    paths = default_paths()
    engines = open_engines([], paths, warn, keywords.spoken.language)
    synthesizer = Synthesizer(engines, paths.cache, config.seed, os.cpu_count() or 1)
    return phrase_corpus(
        config,
        keywords,
        synthesizer,
        PhraseClips.for_positives(positives),
        rooms=room_bank(Rooms(), paths.cache) if _has_rooms(config) else (),
        data=data,
        extra=extra,
        negatives=negatives,
        refused=refused,
        progress=progress,
    )


def phrase_corpus(
    config: TrainConfig,
    keywords: KeywordSet,
    synthesizer: Synthesizer,
    wanted: PhraseClips,
    *,
    rooms: Bank = (),
    data: Path | None = None,
    extra: Path | None = None,
    negatives: Samples | None = None,
    refused: Sequence[str] = (),
    progress: Progress = no_progress,
) -> Corpus:
    """Synthesize the clips, or take them from the synthesizer's cache, and return them as a training corpus.

    data: recordings of other words, as negatives, and of the phrases, in the layout of Speech Commands. extra:
    recordings of the phrases, and of false accepts in `_unknown_`, to train on. negatives: speech in which nobody says
    a phrase, (samples,), to train on and to set thresholds. refused: phrases that are
    spoken as negatives. No synthetic voice is in both the training and the validation clips, unless a final model
    trains on the latter, too; recordings of the phrases are split as `split_clips` does. A phrase that the voices of
    its language can't say is not spoken if it is recorded in `data`.

    Raises:
        WakewordError: an engine fails, a folder can't be used, or the disk is full.
    """
    said = [
        phrase for phrase in keywords.words if not is_recorded(phrase, keywords, data) or _is_said(phrase, keywords)
    ]
    speech = speak_all(said, keywords.spoken, config.seed, synthesizer, wanted, progress, refused)
    made = _build(config, keywords, speech, wanted, data, extra, negatives)
    examples, validates = made.examples, made.validates
    is_phrase = np.isin(examples.labels, [keywords.labels.index(phrase) for phrase in keywords.words])
    trains = ~validates | config.selection.include_validation
    training = examples.at(trains)
    # Thresholds are for speech that occurs by chance, so hard negatives are left out. The clips are not augmented:
    # augmentation distorts more than rooms do and would set the thresholds too high. The negatives are of all voices:
    # those of validation have so few clips that the single loudest would decide, and training on a clip does not make
    # it a rarer false accept.
    # Recordings of negatives set thresholds as a stream, in the order of their clips.
    by_clips = (made.strata != made.hard) & (made.strata != made.running)
    sets_thresholds = by_clips & (validates | ~is_phrase)
    return Corpus(
        keywords=keywords,
        training=training,
        validation=_augmented(examples.at(validates), config, keywords, made.noises, rooms),
        calibration=examples.at(sets_thresholds),
        noises=made.noises,
        classes=keywords.labels,
        class_of=training.labels,
        front_end=LOG_MEL,
        strata=Strata(made.strata[trains], made.weights),
        rooms=rooms,
        provenance={
            "synthetic_clips": len(speech.clips),
            **keywords.spoken.provenance(),
            **({"refused": list(refused)} if refused else {}),
            "voices": _by_license(synthesizer.licenses(speech.clips)),
        },
        validated_on=made.validated_on,
        negatives=() if negatives is None else (negatives,),
        talk=made.talk,
    )


@dataclass(frozen=True, eq=False)
class _Made:
    """All training and validation clips, before the split."""

    examples: Examples
    strata: npt.NDArray[np.int64]  # (n,), the kind of each
    weights: npt.NDArray[np.float64]  # (kinds,), how often each is drawn
    hard: int  # the kind of the hard negatives
    running: int  # the kind of running speech
    validates: npt.NDArray[np.bool_]  # (n,)
    noises: list[Samples]
    talk: tuple[Samples, ...]
    validated_on: str


def _build(
    config: TrainConfig,
    keywords: KeywordSet,
    speech: Speech,
    wanted: PhraseClips,
    data: Path | None,
    extra: Path | None,
    negatives: Samples | None,
) -> _Made:
    rng = np.random.default_rng([config.seed, 1])
    sentences = [clip.read() for clip in speech.sentences]
    roots = [root for root in (data, extra) if root is not None]
    noises = [noise for root in roots for noise in background_noise(root)]
    noises += synthetic_noise(rng) + [babble(sentences, rng, voices) for voices in (3, 6, 12) if sentences]
    length = max(_clip_length(speech.positives, wanted), clip_length(roots, keywords))
    builder = _ClipBuilder(keywords, length, wanted, config.seed)
    positives = speech.positives
    recordings = Recordings(keywords, length, left_out(roots, keywords, synthetic=True), wanted.validation, config.seed)
    partial = [builder.partial_phrases(phrase, clips) for phrase, clips in positives.items()]
    refused_weight = min(1.0, wanted.refused_weight * len({clip.utterance for clip in speech.refused}))
    hard = [*partial, *map(builder.negatives, speech.hard_negatives)]
    running = builder.running(negatives)
    kinds = [
        *(Kind(builder.positives(phrase, clips)) for phrase, clips in positives.items()),
        Kind(join(*hard) if hard else builder.negatives([]), wanted.hard_weight),
        Kind(builder.sentences(speech.sentences)),
        Kind(builder.negatives(speech.words)),
        *([Kind(builder.negatives(speech.refused), refused_weight)] if speech.refused else ()),
        *(recordings.of_data(data) if data is not None else ()),
        *(recordings.of_extra(extra) if extra is not None else ()),
        Kind(builder.silence(noises, round(wanted.silence * wanted.positives * len(keywords.words)))),
        Kind(running, validates=np.zeros(len(running), bool)),
    ]
    return _Made(
        examples=join(*(kind.examples for kind in kinds)),
        strata=np.repeat(np.arange(len(kinds)), [len(kind.examples) for kind in kinds]),
        weights=np.array([kind.weight for kind in kinds]),
        hard=len(positives),
        running=len(kinds) - 1,
        validates=np.concatenate([kind.splits(wanted.validation) for kind in kinds]),
        noises=noises,
        talk=background(
            np.concatenate([np.zeros(0, np.int16), *sentences]) if negatives is None else negatives, len(noises)
        ),
        validated_on=SYNTHETIC_AND_SAME if data is not None and recordings.have_same_voice(data) else VALIDATION,
    )


def _by_license(licenses: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the voices of each licence: hundreds of voices have a handful of them."""
    voices: dict[str, list[str]] = {}
    for voice, license in licenses.items():
        voices.setdefault(license, []).append(voice)
    return voices


def _augmented(
    examples: Examples, config: TrainConfig, keywords: KeywordSet, noises: Sequence[Samples], rooms: Bank
) -> Examples:
    """Return the clips in noise and rooms, like those of training: synthetic clips are unnaturally silent."""
    rng = np.random.default_rng([config.seed, 4])
    samples, silent = np.empty_like(examples.samples), keywords.labels.index(SILENCE)
    for row, clip, label in zip(samples, examples.samples, examples.labels, strict=True):
        row[:] = augment(clip, noises, rng, config.augmentation, silence=bool(label == silent), rooms=rooms)
    return replace(examples, samples=samples)


def _has_rooms(config: TrainConfig) -> bool:
    """Return whether clips of a training, or of its teacher, are heard in rooms."""
    teacher = config.distillation.teacher
    return bool(config.augmentation.room_probability or (teacher and teacher.augmentation.room_probability))


def _is_said(phrase: str, keywords: KeywordSet) -> bool:
    """Tell whether synthetic voices can say a phrase."""
    return phrase in keywords.spoken.said or can_say(phrase, keywords.spoken.language)


def _clip_length(positives: dict[str, list[Clip]], wanted: PhraseClips) -> int:
    """Return the samples of a clip: enough for nearly all of the phrases, in tenths of a second, at least a second."""
    longest = max((np.quantile([clip.seconds for clip in clips], 0.95) for clips in positives.values()), default=0.0)
    return max(10, int(np.ceil(10 * (longest + wanted.margin)))) * SAMPLE_RATE // 10


@dataclass(frozen=True)
class _ClipBuilder:
    """Places speech in clips of one length. Examples are named LABEL/VOICE#NUMBER."""

    keywords: KeywordSet
    length: int
    wanted: PhraseClips
    seed: int

    def positives(self, phrase: str, clips: Sequence[Clip]) -> Examples:
        return self._whole(self.keywords.labels.index(phrase), clips)

    def negatives(self, clips: Sequence[Clip]) -> Examples:
        return self._whole(self._unknown, clips)

    def running(self, negatives: Samples | None) -> Examples:
        """Cut recordings of running speech into clips."""
        return cut_windows(np.zeros(0, np.int16) if negatives is None else negatives, self.length, self._unknown)

    def partial_phrases(self, phrase: str, clips: Sequence[Clip]) -> Examples:
        """Cut the beginning or the end out of some clips of a phrase, but nothing that may hold another phrase."""
        others = [word for word in self.keywords.words if word != phrase]
        cuts, (least, most) = [], _CUTS
        beginnings, ends = parts_without(phrase, others, most + _UNEVEN, least - _UNEVEN, self.keywords.spoken)
        for clip in clips[: round(self.wanted.partial_phrases * len(clips))] if beginnings or ends else ():
            rng, samples = _rng(self.seed + 1, clip), clip.read()
            cut = round(len(samples) * rng.uniform(least, most))
            is_beginning = rng.random() < 0.5 if beginnings and ends else beginnings
            cuts.append((_voice(clip), self._at_end(samples[:cut] if is_beginning else samples[cut:], rng)))
        return self._examples(self._unknown, cuts)

    def sentences(self, clips: Sequence[Clip]) -> Examples:
        """Cut sentences at random places, twice for each clip length that they last."""
        cuts = []
        for clip in clips:
            samples, rng = clip.read(), _rng(self.seed, clip)
            for _ in range(max(1, 2 * len(samples) // self.length)):
                end = int(rng.integers(min(self.length // 2, len(samples) - 1), len(samples))) + 1
                cuts.append((_voice(clip), self._at_end(samples[:end], rng)))
        return self._examples(self._unknown, cuts)

    def silence(self, noises: Sequence[Samples], count: int) -> Examples:
        """Cut noise at random places."""
        rng = np.random.default_rng([self.seed, 2])
        cuts = []
        for number in range(count):
            noise = noises[int(rng.integers(len(noises)))]
            start = int(rng.integers(max(1, len(noise) - self.length)))
            cuts.append((f"noise{number}", self._padded(noise[start : start + self.length])))
        return self._examples(self.keywords.labels.index(SILENCE), cuts)

    @property
    def _unknown(self) -> int:
        return self.keywords.labels.index(UNKNOWN)

    def _whole(self, label: int, clips: Sequence[Clip]) -> Examples:
        spoken = [(_voice(clip), self._at_end(clip.read(), _rng(self.seed, clip))) for clip in clips]
        return self._examples(label, spoken)

    def _examples(self, label: int, clips: Sequence[tuple[str, Samples]]) -> Examples:
        samples = np.array([samples for _, samples in clips], np.int16).reshape(-1, self.length)
        names = tuple(f"{self.keywords.labels[label]}/{voice}#{n}" for n, (voice, _) in enumerate(clips))
        return Examples(samples, np.full(len(clips), label, np.int64), names)

    def _at_end(self, samples: Samples, rng: np.random.Generator) -> Samples:
        """Return a clip that ends with the speech and a pause; speech that is too long loses its beginning."""
        after = round(rng.uniform(*self.wanted.pause) * SAMPLE_RATE)
        kept = samples[-(self.length - after) :]
        return np.pad(kept, (self.length - after - len(kept), after))

    def _padded(self, samples: Samples) -> Samples:
        return np.pad(samples, (0, self.length - len(samples)))


def _voice(clip: Clip) -> str:
    return f"{clip.settings.engine}-{clip.settings.voice}"


def _rng(seed: int, clip: Clip) -> np.random.Generator:
    return np.random.default_rng([seed, zlib.crc32(clip.path.name.encode())])
