"""Speech Commands as it lies on the disk: which clip belongs to which split, and clips as arrays with labels.

A data folder holds a folder of clips for each word, `_background_noise_` with long recordings, and perhaps
`validation_list.txt` and `testing_list.txt`. Clips in a folder `_silence_` or `_unknown_` are examples of
that label; any other folder that begins with an underscore is no word.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from featurizer import SAMPLE_RATE
from featurizer.logmel import Samples
from wakeword.audio.files import read_audio, to_int16
from wakeword.errors import WakewordError

UNKNOWN = "_unknown_"
SILENCE = "_silence_"
NOISE_FOLDER = "_background_noise_"
CLIP_SAMPLES = SAMPLE_RATE  # one second
SILENCE_SHARE = 0.10  # silence cut from the background noise, as a share of the keyword clips

Split = Literal["training", "validation", "test", "all"]
SPLITS: tuple[Split, ...] = get_args(Split)

_AUDIO_SUFFIXES = {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".au", ".caf"}
_SPLIT_LISTS: dict[str, Split] = {"validation_list.txt": "validation", "testing_list.txt": "test"}

_PRESETS = {
    "google12": "yes no up down left right on off stop go",
    "digits10": "zero one two three four five bed cat happy eight",
    "google30": "bed bird cat dog down eight five four go happy house left marvin nine no off on one right "
    "seven sheila six stop three tree two up wow yes zero",
}
# Version 0.02 of Speech Commands has five words more than the 30 of the first.
RECORDED = frozenset(f"{_PRESETS['google30']} backward follow forward learn visual".split())
_WITHOUT_REJECTION = {"google30"}  # each word is a class of its own; nothing is unknown or silence


@dataclass(frozen=True)
class KeywordSet:
    """The words that a model tells apart, and whether it has classes for other words and for silence."""

    name: str
    words: tuple[str, ...]
    unknown: bool = True
    silence: bool = True

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes in the order of the model's outputs: silence, unknown, words."""
        return (SILENCE,) * self.silence + (UNKNOWN,) * self.unknown + self.words


@dataclass(frozen=True)
class Clip:
    """One file of a data folder, and the name of the folder that it lies in."""

    path: Path
    word: str


@dataclass(frozen=True, eq=False)
class Examples:
    """Clips of one second: samples int16 [n, 16000], labels int64 [n], indices into the set's labels."""

    samples: Samples
    labels: npt.NDArray[np.int64]
    names: tuple[str, ...]  # the file below the data folder; of a cut of noise, with @ and its first sample

    def __len__(self) -> int:
        return len(self.labels)

    def at(self, rows: npt.NDArray[np.bool_] | npt.NDArray[np.int64]) -> Examples:
        """Some of the examples: those of a mask (n,), or those with these numbers, in their order."""
        numbers = np.arange(len(self))[rows]
        return Examples(self.samples[numbers], self.labels[numbers], tuple(self.names[i] for i in numbers))


def keyword_set(spec: str) -> KeywordSet:
    """The set called google12, digits10 or google30, else the set of the words in "WORD,WORD,...".

    Raises:
        WakewordError: an empty, doubled or reserved word.
    """
    if spec in _PRESETS:
        rejects = spec not in _WITHOUT_REJECTION
        return KeywordSet(spec, tuple(_PRESETS[spec].split()), unknown=rejects, silence=rejects)
    words = tuple(word.strip() for word in spec.split(","))
    for word in words:
        if not word or word.startswith(("_", ".")) or "/" in word or "\\" in word:
            raise WakewordError(f"{word!r} is no keyword: give {', '.join(_PRESETS)} or WORD,WORD,...")
        if words.count(word) > 1:
            raise WakewordError(f"the keyword {word!r} is given twice")
    return KeywordSet(",".join(words), words)


def list_clips(root: Path, split: Split) -> list[Clip]:
    """The clips of a split, sorted by word and name.

    `validation_list.txt` and `testing_list.txt` decide where either is present (whatever the suffix of the
    names in them: re-coded clips keep their lists), else the official rule, a hash of the speaker's name.

    Raises:
        WakewordError: there is no such folder, or no clip in it.
    """
    if split not in SPLITS:
        raise ValueError(f"{split!r} is none of the splits {', '.join(SPLITS)}")
    if not root.is_dir():
        raise WakewordError(f"there is no folder {root}")
    folders = sorted(path for path in root.iterdir() if path.is_dir() and _is_clip_folder(path.name))
    clips = [Clip(path, folder.name) for folder in folders for path in audio_files(folder)]
    if not clips:
        raise WakewordError(f"{root} holds no clips: it needs a folder of audio files for each word")
    listed = _read_lists(root)
    return [clip for clip in clips if split in ("all", _split_of(clip, listed))]


def background_noise(root: Path) -> list[Samples]:
    """The recordings of `_background_noise_`, each int16 at 16 kHz, shape (samples,); [] if there are none.

    Raises:
        WakewordError: as `read_audio`.
    """
    return [read_audio(path) for path in _noise_files(root)]


def load_examples(
    root: Path,
    keywords: KeywordSet,
    split: Split,
    *,
    unknown: float | None = None,
    silence: float | None = None,
    seed: int = 0,
    missing_ok: bool = False,
) -> Examples:
    """The clips of a split with their labels, each padded at its end or trimmed to one second.

    Args:
        unknown: how many clips of other words to draw, as a share of the keyword clips; None takes them all.
        silence: likewise for silence: the clips of a `_silence_` folder (None takes them all), or where the
            split has none, cuts of `_background_noise_` at random volumes (None makes a share of 0.10).
        seed: decides what is drawn; the same folder, split and seed give the same examples.
        missing_ok: a label may have no example, as when a folder of a few words is evaluated.

    Raises:
        WakewordError: as `list_clips` and `read_audio`, or a label has no example in the split.
    """
    rng = np.random.default_rng([seed, SPLITS.index(split)])
    found = _by_label(list_clips(root, split), keywords)
    count = sum(len(found[word]) for word in keywords.words)
    shares = {SILENCE: silence, UNKNOWN: unknown}
    chosen = [clip for label, clips in found.items() for clip in _draw(clips, shares.get(label), count, rng)]
    examples = _decode(root, chosen, keywords)
    if keywords.silence and not found[SILENCE]:
        share = SILENCE_SHARE if silence is None else silence
        examples = join(examples, _cut_silence(root, math.ceil(share * count), keywords, rng))
    if not missing_ok:
        present = {keywords.labels[label] for label in examples.labels}
        _refuse_missing(root, split, [k for k in keywords.labels if k not in present and shares.get(k) != 0])
    return examples


def _is_clip_folder(name: str) -> bool:
    return name in (SILENCE, UNKNOWN) or not name.startswith(("_", "."))


def audio_files(folder: Path, *, below: bool = False) -> list[Path]:
    """The audio files of a folder, and of those `below` it, sorted, without the hidden ones that some systems leave."""
    files = (path for path in folder.glob("**/*" if below else "*") if path.suffix.lower() in _AUDIO_SUFFIXES)
    return sorted(path for path in files if not path.name.startswith("."))


def _noise_files(root: Path) -> list[Path]:
    folder = root / NOISE_FOLDER
    return audio_files(folder) if folder.is_dir() else []


def _read_lists(root: Path) -> dict[str, Split] | None:
    """The split of each clip that the lists name, by "word/name" without suffix; None if there is no list."""
    paths = {root / name: split for name, split in _SPLIT_LISTS.items() if (root / name).is_file()}
    if not paths:
        return None
    listed = {}
    for path, split in paths.items():
        for line in filter(None, map(str.strip, path.read_text("utf-8").splitlines())):
            listed[str(PurePosixPath(line).with_suffix(""))] = split
    return listed


def _split_of(clip: Clip, listed: dict[str, Split] | None) -> Split:
    if listed is None:
        return _hashed_split(clip.path.name)
    return listed.get(f"{clip.word}/{clip.path.stem}", "training")


def _hashed_split(name: str) -> Split:
    """The official rule: 10 % of the speakers to validation, 10 % to test, the same ones for ever."""
    largest = 2**27 - 1  # the rule's MAX_NUM_WAVS_PER_CLASS
    speaker = re.sub(r"_nohash_.*$", "", name)
    digest = int(hashlib.sha1(speaker.encode()).hexdigest(), 16)
    percent = digest % (largest + 1) * (100 / largest)
    return "validation" if percent < 10 else "test" if percent < 20 else "training"


def _by_label(clips: Sequence[Clip], keywords: KeywordSet) -> dict[str, list[Clip]]:
    """The clips of each label; a word that is no label is unknown, or left out where nothing is unknown."""
    found: dict[str, list[Clip]] = {label: [] for label in keywords.labels}
    for clip in clips:
        label = clip.word if clip.word in found or clip.word == SILENCE else UNKNOWN
        if label in found:
            found[label].append(clip)
    return found


def _draw(clips: list[Clip], share: float | None, count: int, rng: np.random.Generator) -> list[Clip]:
    """Of the clips, `share` times `count` at random, in their old order; all where share is None."""
    wanted = len(clips) if share is None else math.ceil(share * count)
    if wanted >= len(clips):
        return clips
    return [clips[i] for i in np.sort(rng.choice(len(clips), wanted, replace=False))]


def _one_second(samples: Samples) -> Samples:
    trimmed = samples[:CLIP_SAMPLES]
    return np.pad(trimmed, (0, CLIP_SAMPLES - len(trimmed)))


def _decode(root: Path, clips: Sequence[Clip], keywords: KeywordSet) -> Examples:
    """Read the clips in threads, one a core: decoding lets go of the interpreter lock."""
    index = {label: i for i, label in enumerate(keywords.labels)}
    samples = np.empty((len(clips), CLIP_SAMPLES), np.int16)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for row, decoded in zip(samples, pool.map(read_audio, (clip.path for clip in clips)), strict=True):
            row[:] = _one_second(decoded)
    labels = np.array([index.get(clip.word, index.get(UNKNOWN, -1)) for clip in clips], np.int64)
    return Examples(samples, labels, tuple(clip.path.relative_to(root).as_posix() for clip in clips))


def _cut_silence(root: Path, count: int, keywords: KeywordSet, rng: np.random.Generator) -> Examples:
    """Seconds of background noise from random places, at volumes drawn evenly from 0 to 1."""
    files = _noise_files(root)
    recordings = [read_audio(path) for path in files]
    count = count if files else 0
    samples = np.empty((count, CLIP_SAMPLES), np.int16)
    names = []
    for row in samples:
        i = int(rng.integers(len(files)))
        start = int(rng.integers(max(1, len(recordings[i]) - CLIP_SAMPLES + 1)))
        row[:] = to_int16(_one_second(recordings[i][start:]) * rng.random())
        names.append(f"{NOISE_FOLDER}/{files[i].name}@{start}")
    return Examples(samples, np.full(count, keywords.labels.index(SILENCE), np.int64), tuple(names))


def word_classes(
    examples: Examples, keywords: KeywordSet, least: int = 100
) -> tuple[tuple[str, ...], npt.NDArray[np.int64]]:
    """The labels, and behind them each other word with at least `least` examples as a class of its own.

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


def join(*parts: Examples) -> Examples:
    """The examples of all parts; of one that alone has any, they are not copied."""
    parts = tuple(part for part in parts if len(part)) or parts[:1]
    if len(parts) == 1:
        return parts[0]
    names = tuple(name for part in parts for name in part.names)
    return Examples(
        np.concatenate([part.samples for part in parts]), np.concatenate([part.labels for part in parts]), names
    )


def _refuse_missing(root: Path, split: Split, missing: Sequence[str]) -> None:
    if not missing:
        return
    reasons = {
        SILENCE: f"{root} has nothing for {SILENCE}: it needs recordings in {NOISE_FOLDER}, or that folder",
        UNKNOWN: f"{root} has no {split} clips of words other than the keywords, which {UNKNOWN} needs",
    }
    words = [label for label in missing if label not in reasons]
    if words:
        raise WakewordError(f"{root} has no {split} clips of {', '.join(map(repr, words))}")
    raise WakewordError(reasons[missing[0]])
