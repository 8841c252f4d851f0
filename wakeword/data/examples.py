"""Labelled clips of one length as arrays, for training and for measuring accuracy."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from featurizer.logmel import Samples
from wakeword.audio.files import read_audio, to_int16
from wakeword.audio.word import around_word
from wakeword.data.clip_length import SHORTEST_CLIP, clip_length
from wakeword.data.keywords import SILENCE, UNKNOWN, KeywordSet
from wakeword.data.speech_commands import NOISE_FOLDER, Clip, background_noise, noise_files
from wakeword.data.split_lists import SPLITS, Split
from wakeword.data.splits import split_clips
from wakeword.errors import DataError

Lead = Literal["mirror", "silence"]

MADE_NOISE = "_made_noise_"  # in the names of what is cut from noise that no file holds
SILENCE_SHARE = 0.10  # silence cut from the background noise, as a share of the keyword clips


@dataclass(frozen=True, eq=False)
class Examples:
    """Clips of one length: samples int16 [n, length], labels int64 [n], indices into the set's labels."""

    samples: Samples
    labels: npt.NDArray[np.int64]
    names: tuple[str, ...]  # the file below the data folder; for a cut of noise, with @ and its first sample

    def __len__(self) -> int:
        return len(self.labels)

    def at(self, rows: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> Examples:
        """Return the examples of a mask (n,), or those with the given numbers, in that order."""
        numbers = np.arange(len(self))[rows]
        return Examples(self.samples[numbers], self.labels[numbers], tuple(self.names[i] for i in numbers))


def load_examples(
    root: Path,
    keywords: KeywordSet,
    split: Split,
    *,
    unknown: float | None = None,
    silence: float | None = None,
    seed: int = 0,
    missing_ok: bool = False,
    cut_silence: bool = True,
    length: int | None = None,
    lead: Lead = "mirror",
    left_out: Collection[str] = (),
    made_noise: Sequence[Samples] = (),
) -> Examples:
    """Load the clips of a split with their labels, all in one length; `split_clips` splits them.

    A longer clip is cut around its word. A shorter one is padded at its end to a second. If clips are longer than that,
    it is continued before its beginning.

    Args:
        unknown: clips of other words to draw, as a share of the keyword clips; None takes all.
        silence: the same for the clips of a `_silence_` folder; None takes all. If the split has none, silence is cut
            from `_background_noise_` at random volumes; None then makes a share of 0.10.
        cut_silence: False: if the split has no silence, cut none.
        seed: decides what is drawn; the same folder, split and seed give the same examples.
        missing_ok: allow labels without an example, as in a folder of a few words.
        length: samples of each clip; None: as `clip_length` finds it for this folder.
        lead: what comes before short clips: the clip backwards, or silence. With silence, a model learns to know the
            longer clips, which are the keywords', by the sound at their beginning.
        left_out: the names of folders to do without.
        made_noise: noise to cut silence from if the folder has no `_background_noise_`.

    Raises:
        DataError: as `list_clips` and `read_audio`, or a label has no example in the split.
    """
    rng = np.random.default_rng([seed, SPLITS.index(split)])
    splits = split_clips(root, keywords, left_out)
    found = {label: splits.of(label, split) for label in keywords.labels}
    length = length or clip_length([root], keywords)
    count = sum(len(found[word]) for word in keywords.words)
    shares = {SILENCE: silence, UNKNOWN: unknown}
    chosen = [clip for label, clips in found.items() for clip in _draw(clips, shares.get(label), count, rng)]
    examples = _decode(chosen, keywords, length, lead)
    if cut_silence and keywords.silence and not found[SILENCE]:
        share = SILENCE_SHARE if silence is None else silence
        noises = _named_noises(root) or {f"{MADE_NOISE}/{number}": noise for number, noise in enumerate(made_noise)}
        examples = join(examples, _cut_silence(noises, math.ceil(share * count), keywords, length, rng))
    if not missing_ok:
        present = {keywords.labels[label] for label in examples.labels}
        _refuse_missing(root, split, [k for k in keywords.labels if k not in present and shares.get(k) != 0])
    return examples


def join(*parts: Examples) -> Examples:
    """Join examples; if only one part has any, it is returned without a copy."""
    parts = tuple(part for part in parts if len(part)) or parts[:1]
    if len(parts) == 1:
        return parts[0]
    names = tuple(name for part in parts for name in part.names)
    return Examples(
        np.concatenate([part.samples for part in parts]), np.concatenate([part.labels for part in parts]), names
    )


def word_classes(
    examples: Examples, keywords: KeywordSet, least: int = 100
) -> tuple[tuple[str, ...], npt.NDArray[np.int64]]:
    """Give each unknown word with at least `least` examples a class of its own, after the labels.

    Returns the names of the classes, and the class of each example (n,). Clips of rarer words stay `_unknown_`.
    """
    if not keywords.unknown:
        return keywords.labels, examples.labels
    unknown = keywords.labels.index(UNKNOWN)
    folders = np.array([name.split("/")[0] for name in examples.names])
    names, counts = np.unique(folders[examples.labels == unknown], return_counts=True)
    others = [str(n) for n, count in zip(names, counts, strict=True) if count >= least and not n.startswith("_")]
    classes = examples.labels.copy()
    for number, name in enumerate(others, start=len(keywords.labels)):
        classes[(folders == name) & (examples.labels == unknown)] = number
    return (*keywords.labels, *others), classes


def _draw(clips: list[Clip], share: float | None, count: int, rng: np.random.Generator) -> list[Clip]:
    """Draw `share` times `count` of the clips at random, in their old order; all if share is None."""
    wanted = len(clips) if share is None else math.ceil(share * count)
    if wanted >= len(clips):
        return clips
    return [clips[i] for i in np.sort(rng.choice(len(clips), wanted, replace=False))]


def _decode(clips: Sequence[Clip], keywords: KeywordSet, length: int, lead: Lead) -> Examples:
    """Read clips in threads, one for each processor: decoding releases the interpreter lock."""
    numbers = {folder: keywords.labels.index(keywords.label_of(folder)) for folder in {clip.word for clip in clips}}
    samples = np.empty((len(clips), length), np.int16)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        decoded = pool.map(lambda clip: around_word(read_audio(clip.path), length), clips)
        for row, cut in zip(samples, decoded, strict=True):
            row[:] = _in_length(cut, length, lead)
    labels = np.array([numbers[clip.word] for clip in clips], np.int64)
    return Examples(samples, labels, tuple(map(_name, clips)))


def _name(clip: Clip) -> str:
    """Return a clip's name in any encoding as text that can be encoded."""
    return clip.name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _named_noises(root: Path) -> dict[str, Samples]:
    names = (f"{NOISE_FOLDER}/{path.name}" for path in noise_files(root))
    return dict(zip(names, background_noise(root), strict=True))


def _cut_silence(
    noises: Mapping[str, Samples], count: int, keywords: KeywordSet, length: int, rng: np.random.Generator
) -> Examples:
    """Cut pieces of noise, by its name, from random places, at volumes drawn evenly from 0 to 1."""
    recordings = list(noises.items())
    count = count if recordings else 0
    samples = np.empty((count, length), np.int16)
    names = []
    for row in samples:
        name, noise = recordings[int(rng.integers(len(recordings)))]
        start = int(rng.integers(max(1, len(noise) - length + 1)))
        row[:] = to_int16(_in_length(noise[start : start + length], length, "mirror") * rng.random())
        names.append(f"{name}@{start}")
    return Examples(samples, np.full(count, keywords.labels.index(SILENCE), np.int64), tuple(names))


def _in_length(samples: Samples, length: int, lead: Lead) -> Samples:
    """Pad a clip at its end to a second, and beyond that at its beginning: longer clips end soon after their word."""
    second = np.pad(samples, (0, max(0, min(SHORTEST_CLIP, length) - len(samples))))
    return np.pad(second, (length - len(second), 0), "symmetric" if lead == "mirror" else "constant")


def _refuse_missing(root: Path, split: Split, missing: Sequence[str]) -> None:
    if not missing:
        return
    reasons = {
        SILENCE: f"{root} has nothing for {SILENCE}: add clips in that folder, or recordings in {NOISE_FOLDER}",
        UNKNOWN: f"{root} has no {split} clips for {UNKNOWN}: add folders of words other than the keywords",
    }
    words = [label for label in missing if label not in reasons]
    if words:
        raise DataError(f"{root} has no {split} clips of {', '.join(map(repr, words))}; add a folder of clips for each")
    raise DataError(reasons[missing[0]])
