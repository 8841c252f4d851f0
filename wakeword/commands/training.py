"""A training as `wakeword train` begins it, by options or of a project: what it needs, says and leaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from wakeword.commands.shared import progress_bar

if TYPE_CHECKING:
    from featurizer.logmel import Samples
    from wakeword.projects.material import Material
    from wakeword.training.config import TrainConfig
    from wakeword.training.corpus import Corpus
    from wakeword.training.phrase_speech import Progress

Device = Literal["auto", "cpu", "cuda"]
Say = Callable[[str], None]


def make_corpus(config: TrainConfig, made_of: Material, say: Say, progress: Progress = progress_bar) -> Corpus:
    """Say what is taken for what, speak, and load all clips. Raises WakewordError for what can't be used."""
    from featurizer import SAMPLE_RATE
    from wakeword.data.running_speech import read_negatives
    from wakeword.evaluation.streams import files_of
    from wakeword.training.corpus import load_corpus

    data = made_of.data
    _say_what_is_taken(made_of, say)
    speech = read_negatives(files_of(made_of.negatives)) if made_of.negatives else None
    if made_of.spoken:
        corpus = _synthetic_corpus(config, made_of, speech, say, progress)
    else:
        assert data is not None
        corpus = load_corpus(config, made_of.words, data, made_of.extra, negatives=speech)
    if speech is not None:
        taken = {"of": [path.name for path in made_of.negatives], "hours": round(len(speech) / SAMPLE_RATE / 3600, 2)}
        corpus = replace(corpus, provenance={**corpus.provenance, "negatives": taken})
    return corpus


def _say_what_is_taken(made_of: Material, say: Say) -> None:
    """Say what each folder is taken for, the lines on what they lack, and which words are spoken by synthesis."""
    from wakeword.data.folders import alike_lines, folder_lines, unrecorded_lines

    words, data, extra = made_of.words, made_of.data, made_of.extra
    roots = [root for root in (data, extra) if root is not None]
    for line in (*alike_lines(words), *folder_lines(roots, words, synthetic=made_of.spoken), *made_of.lines):
        say(line)
    if made_of.spoken:
        for line in unrecorded_lines(words, data, extra):
            say(line)


def _synthetic_corpus(
    config: TrainConfig, made_of: Material, speech: Samples | None, say: Say, progress: Progress
) -> Corpus:
    from wakeword.data.speech_commands import list_clips
    from wakeword.training.phrase_corpus import synthesize_corpus

    for folder in (made_of.data, made_of.extra):
        if folder is not None:
            list_clips(folder, "all")  # raises before the synthesis, which takes a while
    return synthesize_corpus(
        config,
        made_of.words,
        made_of.clips,
        data=made_of.data,
        extra=made_of.extra,
        negatives=speech,
        refused=made_of.refused,
        warn=say,
        progress=progress,
    )
