"""What every engine hears: one stream in which a word is said again and again, and one in which nobody says it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio import read_audio
from wakeword.dataset import audio_files, list_clips
from wakeword.labels import Span
from wakeword.spoken_clips import LEAD, surrounded, word_end

WINDOW = 1.0  # seconds from the end of a word in which it may be raised


@dataclass(frozen=True)
class Streams:
    """Samples int16 at 16 kHz."""

    said: Samples
    spans: list[Span]  # of the words in `said`
    unsaid: Samples

    @property
    def hours(self) -> float:
        """Of the stream in which nobody says the word."""
        return len(self.unsaid) / SAMPLE_RATE / 3600


def make_streams(word: str, positives: Path, speech: Path, data: Path, unknown_hours: float, seed: int = 0) -> Streams:
    """The clips of a word, each after 1.5 s of near silence; and speech, then clips of other words drawn at random."""
    rng = np.random.default_rng(seed)
    parts, spans, at = [], [], 0
    for path in audio_files(positives):
        clip = read_audio(path)
        start = at / SAMPLE_RATE + LEAD
        spans.append(Span(word, start, start + word_end(clip)))
        parts.append(surrounded(clip, None, 0.0, WINDOW, rng))
        at += len(parts[-1])
    others = [clip.path for clip in list_clips(data, "all") if clip.word != word]
    drawn = [others[i] for i in rng.permutation(len(others))[: round(unknown_hours * 3600)]]  # of a second each
    unsaid = [read_audio(path) for path in [*audio_files(speech), *drawn]]
    return Streams(np.concatenate(parts), spans, np.concatenate(unsaid))
