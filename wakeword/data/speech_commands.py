"""The files of a data folder in the layout of Speech Commands, and the split of each clip.

The folder holds a folder of clips for each word, `_background_noise_` with long recordings, and perhaps
`validation_list.txt` and `testing_list.txt`. Folders `_silence_` and `_unknown_` hold examples of these labels.
Any other folder that begins with an underscore is ignored.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal, get_args

from featurizer.logmel import Samples
from wakeword.audio.files import audio_files, read_audio
from wakeword.data.keywords import SILENCE, UNKNOWN
from wakeword.errors import DataError

NOISE_FOLDER = "_background_noise_"

Split = Literal["training", "validation", "test", "all"]
SPLITS: tuple[Split, ...] = get_args(Split)

_SPLIT_LISTS: dict[str, Split] = {"validation_list.txt": "validation", "testing_list.txt": "test"}


@dataclass(frozen=True)
class Clip:
    """A file of a data folder, and the name of the folder that holds it."""

    path: Path
    word: str


def list_clips(root: Path, split: Split) -> list[Clip]:
    """List the clips of a split, sorted by word and name.

    If there is a `validation_list.txt` or a `testing_list.txt`, the lists decide, whatever the suffix of the names
    in them: re-coded clips keep their lists. Otherwise the official rule decides, a hash of the speaker's name
    (Warden, Speech Commands, arXiv:1804.03209).

    Raises:
        DataError: the folder is missing or holds no clip.
    """
    if split not in SPLITS:
        raise ValueError(f"{split!r} is none of the splits {', '.join(SPLITS)}")
    if not root.is_dir():
        raise DataError(f"there is no folder {root}; give one that holds a folder of clips for each word")
    folders = sorted(path for path in root.iterdir() if path.is_dir() and _is_clip_folder(path.name))
    clips = [Clip(path, folder.name) for folder in folders for path in audio_files(folder)]
    if not clips:
        raise DataError(f"{root} holds no clips: it needs a folder of audio files for each word")
    listed = _read_lists(root)
    return [clip for clip in clips if split in ("all", _split_of(clip, listed))]


def noise_files(root: Path) -> list[Path]:
    """List the recordings of `_background_noise_`, sorted; [] if there are none."""
    folder = root / NOISE_FOLDER
    return audio_files(folder) if folder.is_dir() else []


def background_noise(root: Path) -> list[Samples]:
    """Read the recordings of `_background_noise_`, each int16 at 16 kHz, shape (samples,); [] if there are none.

    Raises:
        DataError: as `read_audio`.
    """
    return [read_audio(path) for path in noise_files(root)]


def _is_clip_folder(name: str) -> bool:
    return name in (SILENCE, UNKNOWN) or not name.startswith(("_", "."))


def _read_lists(root: Path) -> dict[str, Split] | None:
    """Read the split of each listed clip, by "word/name" without suffix; None if there is no list."""
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
    """Apply the official rule: always the same 10 % of the speakers to validation, and 10 % to test."""
    largest = 2**27 - 1  # the rule's MAX_NUM_WAVS_PER_CLASS
    speaker = re.sub(r"_nohash_.*$", "", name)
    digest = int(hashlib.sha1(speaker.encode()).hexdigest(), 16)
    percent = digest % (largest + 1) * (100 / largest)
    return "validation" if percent < 10 else "test" if percent < 20 else "training"
