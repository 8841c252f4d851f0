"""Split the clips of a data folder into training, validation and test, for a set of keywords.

Lists decide if the folder has any, otherwise the speaker's name (`speech_commands.py`). Where a label has too few
speakers for that, its takes are shared out: one in six is for validation, the others are for training, none is for the
test. Validation then hears the voices of training.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wakeword.data.keywords import UNKNOWN, KeywordSet
from wakeword.data.speech_commands import NO_HASH, Clip, clip_label, list_clips, speaker_of, split_of
from wakeword.data.split_lists import Split, read_split_lists
from wakeword.model.labels import comparable
from wakeword.text import composed

FEW_CLIPS = 100  # a label with fewer training clips is helped by synthetic voices
_FEW_SPEAKERS = 5  # with fewer, validation would take a large part of the clips, or none
_TAKES_FOR_ONE = 6  # takes, of which one is for validation


@dataclass(frozen=True)
class Splits:
    """The clips of a data folder by their labels, and which of them are in which split.

    clips: of each label of the keywords, sorted by folder and name. by_take: the labels whose takes are shared out.
    """

    clips: Mapping[str, Sequence[Clip]]
    by_take: frozenset[str]
    _splits: Mapping[Clip, Split]

    @property
    def same_voice(self) -> tuple[str, ...]:
        """The keywords whose validation clips are of the voices of training."""
        return tuple(word for word in self.clips if word in self.by_take - {UNKNOWN} and self.of(word, "validation"))

    def of(self, label: str, split: Split) -> list[Clip]:
        """Return the clips of a label in a split, which may be "all"."""
        return [clip for clip in self.clips[label] if split in ("all", self._splits[clip])]


def split_clips(root: Path, keywords: KeywordSet, left_out: Collection[str] = ()) -> Splits:
    """Split the clips of a data folder. left_out: the names of folders to do without.

    Raises:
        DataError: as `list_clips`.
    """
    listed = read_split_lists(root)
    clips = [clip for clip in list_clips(root, "all") if clip.word not in left_out]
    by_label = _by_label(clips, keywords)
    splits = {clip: split_of(clip, listed) for clip in clips}
    by_take = set()
    for label in (*keywords.words, *([UNKNOWN] if keywords.unknown else [])):
        own = by_label[label]
        if own and listed is None and _has_few_voices(own, splits):
            splits |= _shared_out(own)
            by_take.add(label)
    return Splits(by_label, frozenset(by_take), splits)


def _by_label(clips: Sequence[Clip], keywords: KeywordSet) -> dict[str, list[Clip]]:
    """Group clips by label. Left out are those that can't be placed, and other words if the set has no such class."""
    found: dict[str, list[Clip]] = {label: [] for label in keywords.labels}
    for clip in clips:
        if (label := clip_label(clip, keywords)) in found:
            found[label].append(clip)
    return found


def _has_few_voices(clips: Sequence[Clip], splits: Mapping[Clip, Split]) -> bool:
    """Return whether a split by speakers is none: there are too few of them, or a split that training needs is empty.

    Few clips whose names tell no speaker count as takes of one.
    """
    if not {"training", "validation"} <= {splits[clip] for clip in clips}:
        return True
    nameless = len(clips) < FEW_CLIPS and not any(map(_speaker, clips))
    return nameless or len({speaker_of(clip.name) for clip in clips}) < _FEW_SPEAKERS


def _shared_out(clips: Sequence[Clip]) -> dict[Clip, Split]:
    """Share out takes: one in six to validation, or one of two to five; of each speaker alike, and by a hash.

    Files of one name, in two formats or in folders of two spellings, are taken for one take.
    """
    takes: dict[str, list[Clip]] = {}
    for clip in clips:
        take = "/".join((comparable(clip.word), *clip.inside, clip.path.stem))
        takes.setdefault(composed(take), []).append(clip)
    ranked = sorted(takes, key=lambda take: hashlib.sha1(take.encode("utf-8", "surrogateescape")).digest())
    counts = Counter[str]()
    rounds = {}
    for take in ranked:
        speaker = _speaker(takes[take][0])
        counts[speaker] += 1
        rounds[take] = counts[speaker]
    wanted = max(1, len(takes) // _TAKES_FOR_ONE) if len(takes) > 1 else 0
    validated = set(sorted(ranked, key=lambda take: rounds[take])[:wanted])  # a stable sort: by hash within a round
    return {clip: "validation" if take in validated else "training" for take, own in takes.items() for clip in own}


def _speaker(clip: Clip) -> str:
    """Return the speaker that a file's name or its folder tells; "" if none does."""
    return speaker_of(clip.name) if NO_HASH in clip.path.name or clip.inside else ""
