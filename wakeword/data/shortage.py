"""What a data folder lacks for a training on it alone, and the takes in it that hold no word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from featurizer import SAMPLE_RATE
from wakeword.audio.files import read_audio
from wakeword.data.folders import left_out, word_folders
from wakeword.data.keywords import SILENCE, UNKNOWN, KeywordSet
from wakeword.data.speech_commands import noise_files
from wakeword.data.split_lists import LIST_FILES
from wakeword.data.splits import FEW_CLIPS, split_clips
from wakeword.data.unused import unused_texts
from wakeword.errors import DataError, counted, listed, printable

_SHORTEST = SAMPLE_RATE // 10  # samples; no word is shorter
_SILENT = 33  # magnitude, 60 dB below full scale; no word is quieter


@dataclass(frozen=True)
class Shortage:
    """What a data folder lacks.

    few: the training clips of each keyword, and of other words as `UNKNOWN`, that has fewer than `FEW_CLIPS`; those of
    the folder `extra` count. alone: whether a model can be trained on the folders all the same, though not well.
    noise: whether there are recordings of noise, or else clips of silence. by_take: of each keyword whose takes are
    shared out to training and validation, the clips for validation, and all. kept_out: keywords all of whose clips the
    split lists keep from training. without_folder: keywords that the data folder doesn't name.
    """

    root: Path
    extra: Path | None
    few: Mapping[str, int]
    alone: bool
    noise: bool
    by_take: Mapping[str, tuple[int, int]]
    kept_out: tuple[str, ...]
    without_folder: frozenset[str]

    def __str__(self) -> str:
        return self._text(self.few)

    def _text(self, labels: Iterable[str]) -> str:
        counts = [f"{self.few[each] or 'none'} of {'other words' if each == UNKNOWN else each}" for each in labels]
        noise = "" if self.noise else ", and no recordings of noise"
        return f"{self._hold} too few training clips: {', '.join(counts)} ({FEW_CLIPS} of each would do){noise}"

    @property
    def _hold(self) -> str:
        return f"{self.root} holds" if self.extra is None else f"{self.root} and {self.extra} hold"

    def lines(self) -> Iterator[str]:
        """Yield the line on what is too few, or made up, and the one on validation.

        Keywords without a folder are not named: `unrecorded_lines` tells them.
        """
        if told := [label for label in self.few if label not in self.without_folder]:
            yield f"{self._text(told)}{'' if self.noise else '; noise is made up'}"
        elif not self.noise:
            yield f"{self._hold} no recordings of noise; noise is made up"
        yield from self._validation()

    def lines_alone(self, reason: str) -> Iterator[str]:
        """Yield the lines on a training on the folder alone. reason: why there are no voices, and what brings them."""
        yield f"{self}; synthetic voices would help, but {reason}: training goes on without them"
        yield from self._validation()

    def _validation(self) -> Iterator[str]:
        if self.kept_out:
            yield (
                f"{self.root} has split lists that keep all clips of {', '.join(self.kept_out)} from training; strike "
                f"some from {' or '.join(LIST_FILES)}"
            )
        if self.by_take:
            shared = [
                f"{kept or 'none'} of {counted(of, 'take')} of {word}" for word, (kept, of) in self.by_take.items()
            ]
            yield (
                f"{self.root} has few speakers, or names that tell none: for validation are {', '.join(shared)}, whose "
                "accuracy says little of other speakers"
            )

    def refusal(self, reason: str) -> str:
        """Return the message if there are no synthetic voices. reason: why, and what would bring them."""
        wanted = [f"record {FEW_CLIPS} clips of each keyword"] if self.few.keys() - {UNKNOWN} else []
        if UNKNOWN in self.few:
            wanted.append(f"add {FEW_CLIPS} clips of other words, in folders of their names or in {UNKNOWN}")
        return f"{self}; synthetic voices would make up for them, but {reason}; or {', and '.join(wanted)}"


def shortage(root: Path, keywords: KeywordSet, extra: Path | None = None) -> Shortage:
    """Find what a data folder lacks for these keywords; nothing for a set that has no class for other words.

    Raises:
        DataError: as `list_clips`, for either folder; or all audio of the data folder is in the wrong place.
    """
    roots = [root] if extra is None else [root, extra]
    without = left_out(roots, keywords, synthetic=False)
    splits = split_clips(root, keywords, without)
    labels = [*keywords.words, UNKNOWN]
    if not keywords.unknown:
        return Shortage(root, extra, {}, True, True, {}, (), frozenset())
    counts = {label: len(splits.of(label, "training")) for label in labels}
    alone = all(splits.of(label, "validation") and counts[label] for label in labels)
    if extra is not None:
        more = split_clips(extra, keywords, without)
        counts = {label: count + len(more.of(label, "all")) for label, count in counts.items()}
    few = {label: count for label, count in counts.items() if count < FEW_CLIPS}
    noise = any(map(noise_files, roots)) or bool(splits.of(SILENCE, "all"))
    if not noise and not any(splits.clips.values()) and (reasons := "; ".join(unused_texts(root, keywords))):
        raise DataError(f"{root} holds no clips that can be used: {reasons}")
    shared = [word for word in keywords.words if word in splits.by_take]
    by_take = {word: (len(splits.of(word, "validation")), len(splits.of(word, "all"))) for word in shared}
    kept_out = [word for word in keywords.words if splits.of(word, "all") and not splits.of(word, "training")]
    without_folder = frozenset(word for word in keywords.words if not word_folders(root, word))
    return Shortage(root, extra, few, alone, noise, by_take, tuple(kept_out), without_folder)


def refuse_wordless(root: Path, keywords: KeywordSet) -> None:
    """Read the clips of each keyword that has few: each of them counts much, and is repeated many times.

    Raises:
        DataError: as `list_clips`; or it names clips that can't be read, are too short for a word, or are silent.
    """
    clips = split_clips(root, keywords).clips
    few = [clip.path for word in keywords.words if len(clips[word]) < FEW_CLIPS for clip in clips[word]]
    faults = {path: fault for path in few if (fault := _fault(path))}
    if faults:
        named = listed([f"{path.relative_to(root)} ({fault})" for path, fault in faults.items()])
        raise DataError(
            f"{root} holds clips without a word: {printable(named, 1000)}; record them again, or remove them"
        )


def _fault(path: Path) -> str:
    """Return why a file holds no word; "" if it may hold one."""
    try:
        samples = read_audio(path)
    except DataError:
        return "no audio that can be read"
    if len(samples) < _SHORTEST:
        return f"{len(samples) / SAMPLE_RATE:.2f} s long"
    return "silent" if np.abs(samples.astype(np.int32)).max() < _SILENT else ""
