"""The files of a data folder in the layout of Speech Commands, and the split of each clip.

The folder holds a folder of clips for each word, `_background_noise_` with long recordings, and perhaps
`validation_list.txt` and `testing_list.txt` (`split_lists.py`). Folders `_silence_` and `_unknown_` hold examples of
these labels. Any other folder that begins with an underscore is ignored. The folders within a word's folder are those
of its speakers.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from featurizer.logmel import Samples
from wakeword.audio.files import audio_files, unread_text
from wakeword.audio.mapped import mapped_audio
from wakeword.data.keywords import SILENCE, UNKNOWN, KeywordSet, matching
from wakeword.data.split_lists import SPLITS, Split, SplitLists, read_split_lists
from wakeword.errors import DataError
from wakeword.text import composed

NOISE_FOLDER = "_background_noise_"
NO_HASH = "_nohash_"  # in a clip's name, after the speaker's


@dataclass(frozen=True)
class Clip:
    """A file of a data folder, and the name of the word's folder that it lies in.

    inside: the names of the folders between these two, such as a speaker's; () if there are none.
    """

    path: Path
    word: str
    inside: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the file below the data folder, as in the names of examples and in split lists."""
        return "/".join((self.word, *self.inside, self.path.name))


def list_clips(root: Path, split: Split) -> list[Clip]:
    """List the clips of a split, sorted by word and name.

    If there is a `validation_list.txt` or a `testing_list.txt`, the lists decide. Otherwise the official rule decides,
    a hash of the speaker's name (Warden, Speech Commands, arXiv:1804.03209), as `speaker_of` finds it.

    Raises:
        DataError: the folder is missing or holds neither clips nor noise, or a list can't be read.
    """
    if split not in SPLITS:
        raise ValueError(f"{split!r} is none of the splits {', '.join(SPLITS)}")
    clips = [clip for folder in clip_folders(root) for clip in word_clips(folder)]
    if not clips and not noise_files(root):
        raise DataError(f"{root} holds no clips: {_way_out(root)}")
    listed = read_split_lists(root)
    return [clip for clip in clips if split == "all" or split_of(clip, listed) == split]


def split_of(clip: Clip, listed: SplitLists | None) -> Split:
    """Return the split of a clip by the folder's lists; without lists (None), by the speaker's name."""
    return _hashed_split(speaker_of(clip.name)) if listed is None else listed.split_of(clip.name)


def word_clips(folder: Path) -> list[Clip]:
    """List the clips in a word's folder, sorted; its speakers' folders may not begin with an underscore or a dot."""
    found = ((path, path.parts[len(folder.parts) : -1]) for path in audio_files(folder, below=True))
    return [Clip(path, folder.name, inside) for path, inside in found if all(map(_is_speakers, inside))]


def clip_label(clip: Clip, keywords: KeywordSet) -> str | None:
    """Return the label of a clip; any word that is no keyword is unknown.

    It is None for a clip that can't be placed: in a keyword's folder that lies inside of another word's.
    """
    return _label(clip.word, clip.inside, keywords)


def speaker_of(name: str) -> str:
    """Return who speaks in a clip, by its name below the data folder.

    It is the part of the file's name before `_nohash_`, else the speaker's folder, else the file's name: each such clip
    is taken for a speaker of its own. Its accents are composed, so that a copy on another system has the same splits.
    """
    _, *inside, file = composed(name).split("/")
    speaker, has_speaker, _ = file.partition(NO_HASH)
    return speaker if has_speaker or not inside else inside[0]


def clip_folders(root: Path) -> list[Path]:
    """List the folders of a data folder whose files are clips, sorted.

    Raises:
        DataError: there is no such data folder.
    """
    if not root.is_dir():
        raise DataError(f"there is no folder {root}; give one that holds a folder of clips for each word")
    return sorted(path for path in root.iterdir() if path.is_dir() and _is_clip_folder(path.name))


def noise_files(root: Path) -> list[Path]:
    """List the recordings in and below `_background_noise_`, sorted; [] if there are none."""
    return audio_files(root / NOISE_FOLDER, below=True)


def background_noise(root: Path) -> list[Samples]:
    """Return the recordings of `_background_noise_`, each int16 at 16 kHz, shape (samples,); [] if there are none.

    They are read from the disk as needed, and read-only.

    Raises:
        DataError: as `mapped_audio`.
    """
    return mapped_audio(noise_files(root))


@lru_cache(4096)
def _label(word: str, inside: tuple[str, ...], keywords: KeywordSet) -> str | None:
    label = keywords.label_of(word)
    return label if {matching(name, keywords.words) for name in inside} <= {label, None} else None


def _is_speakers(name: str) -> bool:
    return not name.startswith(("_", "."))


def _way_out(root: Path) -> str:
    """Tell what to do about a data folder without clips, by what it holds instead."""
    if audio_files(root):
        return f"its audio files lie in no folder; put those of each word in a folder of its name, as {root / 'WORD'}"
    unread = unread_text(root)
    return "it needs a folder of audio files for each word" + (f"; it has {unread}" if unread else "")


def _is_clip_folder(name: str) -> bool:
    return name.casefold() in (SILENCE, UNKNOWN) or not name.startswith(("_", "."))


def _hashed_split(speaker: str) -> Split:
    """Apply the official rule: always the same 10 % of the speakers to validation, and 10 % to test."""
    largest = 2**27 - 1  # the rule's MAX_NUM_WAVS_PER_CLASS
    digest = int(hashlib.sha1(speaker.encode("utf-8", "surrogateescape")).hexdigest(), 16)
    percent = digest % (largest + 1) * (100 / largest)
    return "validation" if percent < 10 else "test" if percent < 20 else "training"
