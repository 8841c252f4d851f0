"""Make the streams for every engine: clips of a word in near silence and in noise, and hours without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import read_audio
from wakeword.audio.word import word_end
from wakeword.data.annotations import Annotation
from wakeword.data.keywords import KeywordSet
from wakeword.data.speech_commands import clip_label, list_clips, word_clips
from wakeword.errors import DataError
from wakeword.evaluation.positives import LEAD, Conditions, render_clip
from wakeword.evaluation.streams import files_of

WINDOW = 1.0  # seconds after the end of a word in which its detection counts


@dataclass(frozen=True)
class Streams:
    """The streams; samples are int16 at 16 kHz."""

    positives: Samples
    annotations: list[Annotation]  # of the words in `positives` and in `noisy`
    negatives: dict[str, Samples]  # each stream without the word, by its name
    noisy: Samples | None = None  # the positives in noise

    @property
    def seconds(self) -> float:
        """Return the seconds of the positives and the negatives."""
        return (len(self.positives) + sum(map(len, self.negatives.values()))) / SAMPLE_RATE


def make_streams(
    word: str,
    positives: Path,
    folders: Sequence[Path],
    data: Path | None = None,
    unknown_hours: float = 1.0,
    noise: Path | None = None,
    seed: int = 0,
) -> Streams:
    """Make the positives from clips of a word, and the negatives from recordings and clips of other words.

    positives: folder of clips, perhaps in speakers' folders, each of which follows 1.5 s of near silence.
    folders: each holds recordings without the word, in it and below it, and is a stream of its own.
    data: Speech Commands, of which `unknown_hours` of clips of other words are drawn at random: one stream more.
    noise: folder of recordings to mix with the positives, 10 dB below each clip, as in `wakeword eval`.

    Raises DataError if a folder has no audio file, or a file can't be read.
    """
    clips = [read_audio(clip.path) for clip in word_clips(positives)]
    if not clips:
        raise DataError(f"{positives} holds no clips: give a folder of clips of {word}")
    rendered = [render_clip(Conditions(seed=seed), clip, number, WINDOW) for number, clip in enumerate(clips)]
    annotations, at = [], LEAD
    for clip, wave in zip(clips, rendered, strict=True):
        annotations.append(Annotation(word, at, at + word_end(clip)))
        at += len(wave) / SAMPLE_RATE
    noisy = None
    if noise:
        conditions = Conditions(tuple(files_of([noise])), seed=seed)
        noisy = np.concatenate([render_clip(conditions, clip, number, WINDOW) for number, clip in enumerate(clips)])
    negatives = {str(folder): _read(files_of([folder])) for folder in folders}
    if data is not None:
        negatives["other words"] = _read(_other_words(word, data, unknown_hours, seed))
    return Streams(np.concatenate(rendered), annotations, negatives, noisy)


def _other_words(word: str, data: Path, hours: float, seed: int) -> list[Path]:
    keywords = KeywordSet(word, (word,))
    others = [clip.path for clip in list_clips(data, "all") if clip_label(clip, keywords) not in (word, None)]
    order = np.random.default_rng(seed).permutation(len(others))
    return [others[i] for i in order[: round(hours * 3600)]]  # one second each


def _read(files: Sequence[Path]) -> Samples:
    return np.concatenate([read_audio(path) for path in files])
