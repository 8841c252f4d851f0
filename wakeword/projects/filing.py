"""Clips that were judged become takes: a false accept one of other speech, a word that was said one of its phrase.

False accepts have a speaker of their own, by whose name they are found again. The split by speakers
(`wakeword.data.speech_commands`) puts this name into training; a fifth of other names it would keep from it.
"""

from __future__ import annotations

from featurizer.logmel import Samples
from wakeword.data.keywords import UNKNOWN
from wakeword.errors import UsageError
from wakeword.projects.judged import Judgement
from wakeword.projects.project import Project
from wakeword.projects.takes import SPEAKER, LeftOut, Take, Takes

FALSE_ACCEPTS = "false accepts"  # the speaker of false accepts


def file_wrong(
    project: Project, samples: Samples, place: str, name: str, part: tuple[float, float] | None = None
) -> Take:
    """File a clip, int16 at 16 kHz, that a model took for a phrase: other speech, or whatever else sounded.

    place: where it was heard. name: of its file. part: seconds of it that are trained on; None: all. Nothing is cut by
    how loud it is, since music and noise raise words too.

    Raises UsageError if there are too many takes, and DataError if it can't be written.
    """
    return Takes(project).add_part(samples, part, UNKNOWN, FALSE_ACCEPTS, place, name)


def file_missed(
    project: Project, samples: Samples, phrase: str, source: str, name: str
) -> tuple[list[Take], list[LeftOut]]:
    """File a clip in which a phrase was said, as its utterances. source: where it was said, which names the speaker.

    Raises UsageError and DataError as `Takes.add`.
    """
    store = Takes(project)
    try:
        return store.add(samples, phrase, source, name=name)
    except UsageError:
        if not source:
            raise
        # A source of a phrase's name, or without letters, can't be a speaker.
        return store.add(samples, phrase, SPEAKER, name=name)


def unfile(project: Project, judgement: Judgement) -> None:
    """Remove the takes that were made of a clip, as far as they are there. Raises DataError if a file stays."""
    store = Takes(project)
    known = {take.id for take in store.all()} if judgement.takes else set()
    for id in judgement.takes:
        if id in known:
            store.remove(id)
