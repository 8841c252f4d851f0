"""Choose the length of the clips of a set of keywords, so that it holds nearly every recorded word."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from featurizer import SAMPLE_RATE
from wakeword.audio.files import audio_seconds, read_audio
from wakeword.audio.word import longest_pause, word_seconds
from wakeword.data.keywords import KeywordSet
from wakeword.data.speech_commands import clip_label, list_clips

SHORTEST_CLIP = SAMPLE_RATE  # that of Speech Commands
LONGEST_CLIP = 4 * SAMPLE_RATE
_LONGEST_TRAINED = 6.0  # seconds; clips of synthetic phrases are as long as these
_HELD = 0.95  # fraction of the clips of a word that are held whole
_SLOWEST = 1.5  # a word that seems to last longer, relative to the median, has noise or other speech beside it
_AROUND = 0.3  # seconds before and after the word together
_MEASURED = 100  # clips of each word


def clip_length(roots: Iterable[Path], keywords: KeywordSet) -> int:
    """Return the samples of a clip that holds the recorded words of these data folders: one to four seconds.

    It is one second if nearly no clip of a keyword is longer, as in Speech Commands, and a whole number of tenths of a
    second otherwise.

    Raises:
        DataError: as `list_clips`, or a clip can't be read.
    """
    clips = [clip for root in roots for clip in list_clips(root, "all")]
    longest = 0.0
    for word in keywords.words:
        paths = [clip.path for clip in clips if clip_label(clip, keywords) == word]
        seconds = _word_seconds(paths, longest_pause(word))
        if seconds:
            longest = max(longest, min(float(np.quantile(seconds, _HELD)), _SLOWEST * float(np.median(seconds))))
    tenths = math.ceil(round(10 * longest, 3)) * SAMPLE_RATE // 10
    return min(max(SHORTEST_CLIP, tenths), LONGEST_CLIP)


def trained_clip_seconds(provenance: Mapping[str, Any]) -> float | None:
    """Return the length of the clips that a model was trained on, by its provenance; None if that doesn't tell."""
    seconds = provenance.get("clip_seconds")
    if isinstance(seconds, (int, float)) and 1 <= seconds < math.inf:
        return min(float(seconds), _LONGEST_TRAINED)
    return None


def _word_seconds(paths: Sequence[Path], pause: float) -> list[float]:
    """Measure some of the clips of a word: what is no longer than a second by its file, longer ones by their sound."""
    chosen = [paths[i] for i in np.unique(np.linspace(0, len(paths) - 1, min(_MEASURED, len(paths))).astype(int))]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(partial(_seconds, pause=pause), chosen))


def _seconds(path: Path, pause: float) -> float:
    whole = audio_seconds(path)
    if whole <= SHORTEST_CLIP / SAMPLE_RATE:
        return whole
    return min(whole, word_seconds(read_audio(path), pause) + _AROUND)
