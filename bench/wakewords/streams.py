"""What every engine hears: a word said again and again, in near silence and in noise, and hours without it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import audio_files, read_audio
from wakeword.data.speech_commands import list_clips
from wakeword.evaluation.annotations import Annotation
from wakeword.evaluation.positives import LEAD, Conditions, render_clip, word_end
from wakeword.evaluation.streams import files_of

WINDOW = 1.0  # seconds from the end of a word in which it may be raised


@dataclass(frozen=True)
class Streams:
    """Samples int16 at 16 kHz."""

    said: Samples
    spans: list[Annotation]  # of the words in `said`, and in `noisy`
    unsaid: Samples
    noisy: Samples | None = None  # the same words in noise

    @property
    def hours(self) -> float:
        """Of the stream in which nobody says the word."""
        return len(self.unsaid) / SAMPLE_RATE / 3600


def make_streams(
    word: str, positives: Path, speech: Path, data: Path, unknown_hours: float, noise: Path | None = None, seed: int = 0
) -> Streams:
    """The clips of a word, each after 1.5 s of near silence; and speech, then clips of other words drawn at random.

    noise: a folder of recordings; the clips are heard in them as well, 10 dB below the clip, as by `wakeword eval`.
    """
    rng = np.random.default_rng(seed)
    clips = [read_audio(path) for path in audio_files(positives)]
    said = [render_clip(Conditions(seed=seed), clip, number, WINDOW) for number, clip in enumerate(clips)]
    spans, at = [], LEAD
    for clip, heard in zip(clips, said, strict=True):
        spans.append(Annotation(word, at, at + word_end(clip)))
        at += len(heard) / SAMPLE_RATE
    noisy = None
    if noise:
        around = Conditions(tuple(files_of([noise])), seed=seed)
        noisy = np.concatenate([render_clip(around, clip, number, WINDOW) for number, clip in enumerate(clips)])
    others = [clip.path for clip in list_clips(data, "all") if clip.word != word]
    drawn = [others[i] for i in rng.permutation(len(others))[: round(unknown_hours * 3600)]]  # of a second each
    unsaid = [read_audio(path) for path in [*audio_files(speech), *drawn]]
    return Streams(np.concatenate(said), spans, np.concatenate(unsaid), noisy)
