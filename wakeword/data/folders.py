"""What the folders of a data folder are taken for, in one line: keywords, other words, silence, noise or nothing."""

from __future__ import annotations

import difflib
import itertools
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wakeword.audio.files import audio_files
from wakeword.data.keywords import SILENCE, UNKNOWN, KeywordSet, folder_name, in_speech_commands, matching
from wakeword.data.speech_commands import NOISE_FOLDER, clip_folders, clip_label, list_clips, word_clips
from wakeword.data.split_lists import read_split_lists
from wakeword.data.unused import unused_texts
from wakeword.errors import counted, listed
from wakeword.model.labels import comparable
from wakeword.phrases.language import EN_US

_LIKE = 0.7  # share of letters, in order, that a misspelt word has in common with what was meant


@dataclass(frozen=True)
class Folder:
    """A folder of clips, and what it is taken for."""

    name: str
    clips: int
    label: str | None  # or NOISE_FOLDER; None: it is left out
    reason: str = ""  # why it is left out


@dataclass(frozen=True)
class Survey:
    """The folders of a data folder."""

    root: Path
    folders: tuple[Folder, ...]
    unused: tuple[str, ...] = ()  # on audio that is left out for another reason than its folder's name

    def line(self, keywords: KeywordSet) -> str:
        """Return the line on all folders; those of a kind are counted together, and the first are named."""
        kinds = [_kind(word, self._of(word)) for word in keywords.words]
        unknown, silence, noise = (self._of(label) for label in (UNKNOWN, SILENCE, NOISE_FOLDER))
        own_name = len(unknown) == 1 and unknown[0].name == UNKNOWN
        rest = [
            _kind(UNKNOWN if own_name else f"{UNKNOWN} from {_names(unknown)}:", unknown),
            _kind(SILENCE, silence),
            _kind("noise", noise, "recording"),
        ]
        for reason in dict.fromkeys(folder.reason for folder in self._of(None)):
            folders = [folder for folder in self._of(None) if folder.reason == reason]
            rest.append(_kind(f"left out {reason}: {_names(folders)}", folders))
        parts = [", ".join(filter(None, kinds)), *rest, *self.unused]
        return f"{self.root}: {'; '.join(filter(None, parts)) or 'no clips'}"

    def _of(self, label: str | None) -> list[Folder]:
        return [folder for folder in self.folders if folder.label == label]


def survey(root: Path, keywords: KeywordSet, left_out: Mapping[str, str]) -> Survey:
    """Look through a data folder. left_out: why a folder is left out, by its name.

    Raises:
        DataError: there is no such folder, it holds no clips, or a split list can't be read.
    """
    clips = list_clips(root, "all")
    counts = Counter(clip.word for clip in clips if clip_label(clip, keywords))
    unplaced = {clip.word for clip in clips} - set(counts)  # all that they hold
    names = [path.name for path in clip_folders(root) if path.name not in unplaced]
    folders = [_taken(name, counts[name], keywords, left_out) for name in names]
    for name, count in _ignored(root, {clip.path for clip in clips}).items():
        noise = name == NOISE_FOLDER
        reason = "" if noise else "because of the _ or . before the name"
        folders.append(Folder(name, count, NOISE_FOLDER if noise else None, reason))
    return Survey(root, tuple(folders), tuple(unused_texts(root, keywords)))


def _ignored(root: Path, clips: Collection[Path]) -> dict[str, int]:
    """Count the audio files that are no clips, by their folder, which the name tells to be no word's or speaker's."""
    counts = Counter[str]()
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        for path in audio_files(folder, below=True):
            if path not in clips:
                folders = path.relative_to(root).parts[:-1]
                first = next(at for at, name in enumerate(folders, 1) if name.startswith(("_", ".")))
                counts["/".join(folders[:first])] += 1
    return counts


def split_list_lines(root: Path) -> Iterator[str]:
    """Yield a line if some names of the split lists match no clip.

    Raises:
        DataError: as `survey`.
    """
    lists = read_split_lists(root)
    clips = (clip.name for clip in list_clips(root, "all"))
    unmatched = [
        f"{each.count:,} of {each.names:,} names of {each.file} match no clip, such as {_shown(each.example)!r}"
        for each in (lists.unmatched(clips) if lists else ())
    ]
    if unmatched:
        yield f"{root}: {'; '.join(unmatched)}"


def word_folders(root: Path, word: str) -> list[Path]:
    """List the folders of a word in any spelling, its own first; [] if there are none."""
    if not root.is_dir():
        return []
    found = [path for path in clip_folders(root) if matching(path.name, [word])]
    return sorted(found, key=lambda path: path.name != word)


def word_folder(root: Path, word: str) -> Path:
    """Return the folder for new clips of a word: one that the word has already, in any spelling, or one of its name."""
    return next(iter(word_folders(root, word)), root / folder_name(word))


def unrecorded_lines(keywords: KeywordSet, data: Path | None, extra: Path | None) -> Iterator[str]:
    """Yield the lines on the keywords that `data` has no folder or no clips for, and on who speaks them.

    Of `extra`, which may well hold no clips of a keyword, only a folder of nearly its name is told.

    Raises:
        DataError: there is no such folder.
    """
    for word in keywords.words:
        if extra and not word_folders(extra, word) and (meant := _near(extra, word)):
            yield f"{extra} holds no folder {word!r}{meant}"
    missing = [word for word in keywords.words if not (data and _holds_clips(data, word))]
    if data is not None:
        for word in missing:
            if folders := word_folders(data, word):
                yield f"{data} holds no clips of {word} in {_names(folders)}"
            else:
                yield f"{data} holds no folder {word!r}{_near(data, word) or _held(data)}"
    recorded = [word for word in keywords.words if word not in missing]
    there = f"; recorded in {data}: {', '.join(recorded)}" if recorded else ""
    spoken = ", ".join(missing + list(filter(keywords.spoken.reads, recorded)))
    language = keywords.spoken.language
    tongue = "" if language is EN_US else f" in {language.name}"
    yield f"synthetic voices speak {f'{spoken}, and ' if spoken else ''}other words{tongue}{there}"


def _holds_clips(root: Path, word: str) -> bool:
    return any(map(word_clips, word_folders(root, word)))


def _near(root: Path, word: str) -> str:
    names = {comparable(path.name): path.name for path in clip_folders(root)}
    near = difflib.get_close_matches(comparable(word), names, 1, _LIKE)
    return f"; did you mean {_shown(names[near[0]])!r}?" if near else ""


def _held(root: Path) -> str:
    names = [_shown(path.name) for path in clip_folders(root)]
    return f"; it holds {listed(names)}" if names else ""


def left_out(roots: Iterable[Path], keywords: KeywordSet, *, synthetic: bool) -> dict[str, str]:
    """Find the folders that training leaves out, and why, by their names: other words that sound like a keyword.

    No model could tell them from it. Words of Speech Commands are told apart, and words in other letters than those of
    the keywords' language are not compared. Without the synth extra, which knows how words sound, none is left out.

    synthetic: the keywords are spoken by synthetic voices. As with synthetic negatives, a word that contains anything
    like the keyword is left out, too.

    Raises:
        DataError: a folder is missing.
    """
    pairs = _compared(roots, keywords)
    if not pairs or not _knows_sounds():
        return {}
    from wakeword.phrases.negatives import targets

    found: dict[str, str] = {}
    for word, names in pairs.items():
        for target in targets([word], keywords.spoken):
            is_alike = target.sounds_in if synthetic else target.sounds_like
            found |= {name: f"because of the sound of {word}" for name in names if is_alike(comparable(name))}
    return found


def folder_lines(roots: Sequence[Path], keywords: KeywordSet, *, synthetic: bool = False) -> Iterator[str]:
    """Yield the lines that tell what the folders of these data folders are taken for in training. As `left_out`.

    Raises:
        DataError: as `survey`, for any of them.
    """
    without = left_out(roots, keywords, synthetic=synthetic)
    for root in roots:
        yield survey(root, keywords, without).line(keywords)
        yield from split_list_lines(root)
    if _compared(roots, keywords) and not _knows_sounds():
        yield "words that sound like a keyword can't be left out without the synth extra: pip install 'wakeword[synth]'"


def alike_lines(keywords: KeywordSet) -> Iterator[str]:
    """Yield a line for each two keywords that are spoken alike; as with `left_out`, the synth extra knows."""
    words = [word for word in keywords.words if keywords.spoken.reads(word)]
    pairs = [pair for pair in itertools.combinations(words, 2) if not in_speech_commands(pair)]
    if not pairs or not _knows_sounds():
        return
    from wakeword.phrases.negatives import targets

    own = {word: targets([word], keywords.spoken) for word in dict.fromkeys(word for pair in pairs for word in pair)}
    for one, other in pairs:
        if any(target.is_spoken_as(spoken.phonemes) for target in own[one] for spoken in own[other]):
            yield f"{one} and {other} sound alike: no model can tell them apart; give one of them"


def _knows_sounds() -> bool:
    from wakeword.phrases.espeak import espeak

    try:
        espeak()
    except ModuleNotFoundError:
        return False
    return True


def _compared(roots: Iterable[Path], keywords: KeywordSet) -> dict[str, list[str]]:
    """Return the folders of other words to compare with each keyword."""
    spoken = keywords.spoken
    names = sorted({folder.name for root in roots for folder in clip_folders(root)})
    others = [name for name in names if keywords.label_of(name) == UNKNOWN and name.casefold() != UNKNOWN]
    compared = {
        word: [name for name in others if spoken.language.reads(name) and not in_speech_commands([word, name])]
        for word in keywords.words
        if spoken.reads(word)
    }
    return {word: names for word, names in compared.items() if names}


def _taken(name: str, clips: int, keywords: KeywordSet, left_out: Mapping[str, str]) -> Folder:
    label = keywords.label_of(name)
    if name in left_out:
        return Folder(name, clips, None, left_out[name])
    if not clips and label not in keywords.words:
        return Folder(name, clips, None, "for want of clips")
    if label not in keywords.labels:
        return Folder(name, clips, None, f"the model has no {label}")
    return Folder(name, clips, label)


def _kind(name: str, folders: Sequence[Folder], unit: str = "clip") -> str:
    """Return a kind's name and its clips; "" if it has no folder. A folder of another name is added."""
    if not folders:
        return ""
    count = sum(folder.clips for folder in folders)
    other = name in (folders[0].label, "noise") and [folder.name for folder in folders] not in ([name], [NOISE_FOLDER])
    return f"{name} {counted(count, unit)}{f' ({_names(folders)})' if other else ''}"


def _names(folders: Collection[Folder | Path]) -> str:
    return listed([_shown(f"{folder.name}/") for folder in folders])


def _shown(name: str) -> str:
    """Return a name from a disk as it can be printed on a line."""
    text = name.encode("utf-8", "replace").decode()
    return "".join(letter if letter.isprintable() else "?" for letter in text)
