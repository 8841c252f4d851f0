"""The files of a data folder in the layout of Speech Commands, and the split of each clip.

The folder holds a folder of clips for each word, `_background_noise_` with long recordings, and perhaps
`validation_list.txt` and `testing_list.txt` (`split_lists.py`). Folders `_silence_` and `_unknown_` hold examples of
these labels. Any other folder that begins with an underscore is ignored.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from featurizer.logmel import Samples
from wakeword.audio.files import audio_files
from wakeword.audio.mapped import mapped_audio
from wakeword.data.keywords import SILENCE, UNKNOWN
from wakeword.data.split_lists import SPLITS, Split, SplitLists, read_split_lists
from wakeword.errors import DataError

NOISE_FOLDER = "_background_noise_"


@dataclass(frozen=True)
class Clip:
    """A file of a data folder, and the name of the folder that holds it."""

    path: Path
    word: str


def list_clips(root: Path, split: Split) -> list[Clip]:
    """List the clips of a split, sorted by word and name.

    If there is a `validation_list.txt` or a `testing_list.txt`, the lists decide. Otherwise the official rule decides,
    a hash of the speaker's name (Warden, Speech Commands, arXiv:1804.03209).

    Raises:
        DataError: the folder is missing or holds no clip, or a list can't be read.
    """
    if split not in SPLITS:
        raise ValueError(f"{split!r} is none of the splits {', '.join(SPLITS)}")
    clips = [Clip(path, folder.name) for folder in clip_folders(root) for path in audio_files(folder)]
    if not clips:
        raise DataError(f"{root} holds no clips: it needs a folder of audio files for each word")
    listed = read_split_lists(root)
    return [clip for clip in clips if split in ("all", _split_of(clip, listed))]


def clip_folders(root: Path) -> list[Path]:
    """List the folders of a data folder whose files are clips, sorted.

    Raises:
        DataError: there is no such data folder.
    """
    if not root.is_dir():
        raise DataError(f"there is no folder {root}; give one that holds a folder of clips for each word")
    return sorted(path for path in root.iterdir() if path.is_dir() and _is_clip_folder(path.name))


def noise_files(root: Path) -> list[Path]:
    """List the recordings of `_background_noise_`, sorted; [] if there are none."""
    folder = root / NOISE_FOLDER
    return audio_files(folder) if folder.is_dir() else []


def background_noise(root: Path) -> list[Samples]:
    """Return the recordings of `_background_noise_`, each int16 at 16 kHz, shape (samples,); [] if there are none.

    They are read from the disk as needed, and read-only.

    Raises:
        DataError: as `mapped_audio`.
    """
    return mapped_audio(noise_files(root))


def _is_clip_folder(name: str) -> bool:
    return name.casefold() in (SILENCE, UNKNOWN) or not name.startswith(("_", "."))


def _split_of(clip: Clip, listed: SplitLists | None) -> Split:
    return _hashed_split(clip.path.name) if listed is None else listed.split_of(clip.word, clip.path.stem)


def _hashed_split(name: str) -> Split:
    """Apply the official rule: always the same 10 % of the speakers to validation, and 10 % to test."""
    largest = 2**27 - 1  # the rule's MAX_NUM_WAVS_PER_CLASS
    speaker = re.sub(r"_nohash_.*$", "", name)
    digest = int(hashlib.sha1(speaker.encode("utf-8", "surrogateescape")).hexdigest(), 16)
    percent = digest % (largest + 1) * (100 / largest)
    return "validation" if percent < 10 else "test" if percent < 20 else "training"
